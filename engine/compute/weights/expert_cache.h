// Experts of a model, of which no more than a budget's worth are in memory: those used last. A router chooses
// a few of a layer's experts for each token, and some more often than others, so that much of what a token
// needs is there already. What is not, of all the experts of a lease, is read at once where the source reads
// ahead, while those that are there are computed with; elsewhere on the computing thread, which may be the
// only one that can read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <vector>

#include "engine/base/result.h"
#include "engine/compute/weights/block_read.h"
#include "engine/compute/weights/weight_store.h"

namespace hearth {

class ExpertCache {
 public:
  /// `expert_bytes`: of one expert of each layer, all its matrices together; 0 for a layer without.
  /// OUT_OF_MEMORY where the budget does not hold one expert.
  static Result<std::unique_ptr<ExpertCache>> create(const std::vector<uint64_t>& expert_bytes,
                                                     uint64_t budget);
  ExpertCache(const ExpertCache&) = delete;
  ExpertCache& operator=(const ExpertCache&) = delete;
  /// Waits for what is being read.
  ~ExpertCache();

  /// A tensor of `count` experts' matrices, one after the other: where each of them lies, as long as it is
  /// leased. The source must outlive this. Every tensor of a layer has the same count.
  const ExpertPlaces* add(const StoredTensor& tensor, int32_t layer, int32_t count);

  /// How many experts fit at once, of whatever layer.
  int32_t room() const { return static_cast<int32_t>(most_slots_); }
  /// Has these experts of the layer, no more than `room`, be brought where `add` says. They stay until the
  /// next lease. OUT_OF_MEMORY.
  Result<void> lease(int32_t layer, std::span<const int32_t> experts);
  /// Whether an expert of the lease is there.
  bool has(int32_t layer, int32_t expert) const;
  /// Returns when it is. IO as the source has it; then it is not.
  Result<void> bring(int32_t layer, int32_t expert);

  uint64_t bytes_read() const { return bytes_read_; }
  double wait_ms() const { return wait_ms_; }

 private:
  struct Matrices {
    StoredTensor tensor;
    uint64_t bytes;           // of one expert's matrix
    uint64_t offset_in_slot;  // from which on it has room there
    ExpertPlaces* places;
  };
  struct Layer {
    std::vector<Matrices> matrices;
    std::vector<int32_t> slots;  // per expert: the one that it is in, or kNone
    uint64_t used = 0;           // of a slot
  };
  /// Room for an expert.
  struct Slot {
    std::unique_ptr<std::byte[]> bytes;
    int32_t layer = 0;
    int32_t expert = kNone;
    bool coming = false;  // it is yet to be read, or being read
    uint64_t last_lease = 0;
  };
  static constexpr int32_t kNone = -1;

  ExpertCache(size_t layers, uint64_t most_slots) : layers_(layers), most_slots_(most_slots) {}

  static BlockRead read_of(const Matrices& matrices, const Slot& slot);
  Result<int32_t> take_slot();
  Result<void> read(const Slot& slot);
  void break_off(Slot& slot);
  void empty(Slot& slot);

  std::vector<Layer> layers_;
  std::deque<ExpertPlaces> places_;  // which do not move
  std::vector<Slot> slots_;
  uint64_t slot_bytes_ = 0;
  uint64_t most_slots_;
  uint64_t leases_ = 0;
  uint64_t bytes_read_ = 0;
  double wait_ms_ = 0.0;
};

}  // namespace hearth
