// Layers of a model behind the caller's read function, of which no more than a budget's worth are in memory:
// as many as fit stay for good, the others take turns in one buffer and are read when they are computed with.
//
// The reading is done on the computing thread, which may be the only one that can: a browser's files belong
// to the worker that opened them. Mapped models stream through WeightsWindow, which fetches ahead.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/base/byte_source.h"
#include "engine/base/result.h"
#include "engine/model/weights_window.h"

namespace hearth {

class LayerStream {
 public:
  /// `layer_bytes` of tensors to a layer; `budget` bytes for them all. OUT_OF_MEMORY if the largest does not
  /// fit it, or there is no memory for it.
  static Result<std::unique_ptr<LayerStream>> create(const std::vector<uint64_t>& layer_bytes,
                                                     uint64_t budget);

  /// Whether the layer stays in memory, where the caller has put it.
  bool stays(int32_t layer) const { return layers_[static_cast<size_t>(layer)].stays; }
  /// Where a tensor of a layer that does not stay will be: `size` bytes from `offset` of `source`, which must
  /// outlive this.
  std::byte* add(int32_t layer, const ByteSource& source, uint64_t offset, uint64_t size);
  /// Brings the layer's tensors where `add` said, in place of another's. IO as the source has it.
  Result<void> acquire(int32_t layer);

  WindowStatistics statistics() const { return statistics_; }

 private:
  struct Piece {
    const ByteSource* source;
    uint64_t offset;
    std::byte* to;
    size_t size;
  };
  struct Layer {
    bool stays = true;
    size_t used = 0;  // of the buffer
    std::vector<Piece> pieces;
  };

  std::vector<Layer> layers_;
  std::unique_ptr<std::byte[]> buffer_;
  int32_t in_buffer_ = -1;
  WindowStatistics statistics_;
};

}  // namespace hearth
