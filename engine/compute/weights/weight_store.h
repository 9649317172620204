// Where a model's weights lie while a device computes with them: in memory for good, or a layer at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/byte_source.h"
#include "engine/base/result.h"
#include "engine/compute/tensor.h"

namespace hearth {

/// Layers of a network, from `first` to `last`.
struct LayerRange {
  int32_t first = 0;
  int32_t last = 0;
};

/// What a store is to hold, known before its first tensor is placed.
struct WeightPlan {
  std::string name;                   // of the model, for messages
  uint64_t always_bytes = 0;          // of tensors outside of layers
  uint64_t looked_up_bytes = 0;       // of them those of which operations only look up rows
  std::vector<uint64_t> layer_bytes;  // of each layer's tensors
  std::vector<BlockType> types = {};  // of its matrices, each once
  /// Of a layer's tensors those of experts, and what one of them has there.
  struct Experts {
    uint64_t all = 0;
    uint64_t one = 0;
  };
  std::vector<Experts> experts = {};                     // of each layer; empty where no layer has any
  std::vector<std::vector<uint64_t>> tensor_bytes = {};  // of each layer's, in the order of their placing
  uint64_t memory_limit = 0;                             // bytes that may be in memory; 0: no limit
  uint64_t layer_room = 0;  // of a device's memory, for layers' weights; 0: for all of them
  // Of the model's sources, all of them:
  bool mapped = false;       // every byte has an address already
  bool in_file = false;      // which lies in the mapping of a file
  bool reads_ahead = false;  // see ByteSource
};

/// A tensor as its source has it.
struct StoredTensor {
  const ByteSource& source;
  uint64_t offset;
  uint64_t bytes;
  bool is_looked_up = false;  // operations only look up rows of it (Backend::embed)
  uint64_t undivided = 0;     // bytes that lie side by side wherever it is: a row's, or an expert's; 0: all
};

struct WeightStatistics {
  int32_t layers_resident = 0;  // now in memory, as far as the store has them there
  uint64_t bytes_read = 0;      // of layers brought in since the model was loaded
  double wait_ms = 0.0;         // that computing waited for them
};

/// Where the matrices of a layer's experts lie, by their numbers: nowhere while they are not leased.
struct ExpertPlaces {
  int32_t layer;
  std::vector<Buffer> at;
};

class WeightStore;

/// Keeps a layer's weights where they were placed while it lives: operations asked for in that time may use
/// them. At most one at a time.
class LayerLease {
 public:
  LayerLease(WeightStore& store, int32_t layer) : store_(&store), layer_(layer) {}
  LayerLease(LayerLease&& other) noexcept
      : store_(std::exchange(other.store_, nullptr)), layer_(other.layer_) {}
  LayerLease& operator=(LayerLease&&) = delete;
  ~LayerLease();

 private:
  WeightStore* store_;
  int32_t layer_;
};

class WeightStore {
 public:
  /// The layer of tensors outside of layers, which are always there.
  static constexpr int32_t kNoLayer = -1;

  WeightStore() = default;
  WeightStore(const WeightStore&) = delete;
  WeightStore& operator=(const WeightStore&) = delete;
  virtual ~WeightStore() = default;

  /// Where the tensor will be while its layer is leased. The source must outlive the store. IO;
  /// OUT_OF_MEMORY.
  virtual Result<Buffer> place(const StoredTensor& tensor, int32_t layer) = 0;
  /// The same of `count` experts' matrices, one after the other, where experts come and go one by one;
  /// nullptr where they are placed as others are. IO.
  virtual Result<const ExpertPlaces*> place_experts(const StoredTensor& /*tensor*/, int32_t /*layer*/,
                                                    int32_t /*count*/) {
    return nullptr;
  }
  /// Where small vectors are, always: norms and biases. OUT_OF_MEMORY.
  virtual Result<Buffer> keep(std::span<const float> values) = 0;
  /// Once, after the last tensor.
  virtual Result<void> complete() { return {}; }

  /// Returns when the layer is there. IO where it could not be read.
  Result<LayerLease> lease(int32_t layer) {
    HEARTH_TRY(acquire(layer));
    return LayerLease(*this, layer);
  }

  /// How many experts of a layer can be leased at once.
  virtual int32_t expert_room() const { return INT32_MAX; }
  /// Has these be brought to their places, where they stay until the next call; false where they cannot be,
  /// which the outcome then says.
  bool lease_experts(int32_t layer, std::span<const int32_t> experts) {
    return noted(acquire_experts(layer, experts));
  }
  /// Whether an expert of the lease is in its place.
  bool has_expert(int32_t layer, int32_t expert) const { return holds_expert(layer, expert); }
  /// Returns when it is; false where it could not be read, which the outcome then says.
  bool bring_expert(int32_t layer, int32_t expert) { return noted(await_expert(layer, expert)); }
  /// What went wrong within operations since it was last asked: IO.
  Result<void> outcome() { return std::exchange(outcome_, {}); }

  virtual WeightStatistics statistics() const = 0;

 protected:
  friend class LayerLease;
  virtual Result<void> acquire_experts(int32_t /*layer*/, std::span<const int32_t> /*experts*/) { return {}; }
  virtual Result<void> acquire(int32_t layer) = 0;
  virtual void release(int32_t layer) = 0;
  virtual Result<void> await_expert(int32_t /*layer*/, int32_t /*expert*/) { return {}; }
  virtual bool holds_expert(int32_t /*layer*/, int32_t /*expert*/) const { return true; }

 private:
  bool noted(Result<void> outcome) {
    const bool good = outcome.ok();
    if (!good) outcome_ = std::move(outcome);
    return good;
  }

  Result<void> outcome_;
};

inline LayerLease::~LayerLease() {
  if (store_ != nullptr) store_->release(layer_);
}

}  // namespace hearth
