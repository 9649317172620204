// Layers of a model behind the caller's read function, of which no more than a budget's worth are in memory:
// as many as fit stay for good, the others take turns in one buffer, and are read when they are computed
// with, or in two, where the source reads ahead: then the next is read while one is computed with.
//
// All of it happens on the computing thread, which may be the only one that can read: a browser's files
// belong to the worker that opened them. A source that reads ahead may have threads of its own for that.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/base/byte_source.h"
#include "engine/base/result.h"
#include "engine/compute/weights/block_read.h"
#include "engine/compute/weights/weight_store.h"

namespace hearth {

class LayerStream {
 public:
  /// `layer_bytes` of tensors to a layer, padded as they are read in blocks; `budget` bytes for them all.
  /// `reads_ahead` if all sources do; it takes a budget of two layers. OUT_OF_MEMORY if the largest does not
  /// fit it, or there is no memory for it.
  static Result<std::unique_ptr<LayerStream>> create(const std::vector<uint64_t>& layer_bytes,
                                                     uint64_t budget, bool reads_ahead);
  LayerStream() = default;
  LayerStream(const LayerStream&) = delete;
  LayerStream& operator=(const LayerStream&) = delete;
  /// Waits for what is being read.
  ~LayerStream();

  /// Whether the layer stays in memory, where the caller has put it.
  bool stays(int32_t layer) const { return layers_[static_cast<size_t>(layer)].buffer == nullptr; }
  /// Where a tensor of a layer that does not stay will be: `size` bytes from `offset` of `source`, which must
  /// outlive this.
  std::byte* add(int32_t layer, const ByteSource& source, uint64_t offset, uint64_t size);
  /// Brings the layer's tensors where `add` said, in place of another's, and has the next layer read. They
  /// stay until the next call. IO as the source has it.
  Result<void> acquire(int32_t layer);

  WeightStatistics statistics() const { return statistics_; }

 private:
  struct Piece {
    const ByteSource* source;
    BlockRead read;
  };
  struct Buffer {
    std::unique_ptr<std::byte[]> bytes;
    int32_t layer = -1;   // that is in it
    bool coming = false;  // or being read into it
  };
  struct Layer {
    Buffer* buffer = nullptr;  // null if it stays
    size_t used = 0;           // of the buffer
    uint64_t bytes = 0;        // of its tensors
    std::vector<Piece> pieces;
  };

  static void begin(Buffer& buffer, const Layer& layer, int32_t index);
  Result<void> fill(Buffer& buffer, int32_t layer);
  void read_ahead(int32_t current);

  std::vector<Layer> layers_;
  std::array<Buffer, 2> buffers_;  // the second only where it reads ahead
  WeightStatistics statistics_;
};

}  // namespace hearth
