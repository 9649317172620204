#include "engine/model/layer_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <new>
#include <numeric>

namespace hearth {

Result<std::unique_ptr<LayerStream>> LayerStream::create(const std::vector<uint64_t>& layer_bytes,
                                                         uint64_t budget) {
  auto stream = std::make_unique<LayerStream>();
  stream->layers_.resize(layer_bytes.size());
  stream->statistics_.layers_resident = static_cast<int32_t>(layer_bytes.size());
  const uint64_t total = std::accumulate(layer_bytes.begin(), layer_bytes.end(), uint64_t{0});
  if (total <= budget) return stream;

  const uint64_t largest = *std::max_element(layer_bytes.begin(), layer_bytes.end());
  if (budget < largest) {
    return Error{
        ErrorCode::kOutOfMemory,
        fmt::format("the memory limit leaves {} bytes for layers; the largest has {}", budget, largest)};
  }
  if (largest <= std::numeric_limits<size_t>::max() / 2) {
    stream->buffer_.reset(new (std::nothrow) std::byte[static_cast<size_t>(largest)]);
  }
  if (stream->buffer_ == nullptr) {
    return Error{ErrorCode::kOutOfMemory, fmt::format("no memory for a layer of {} bytes", largest)};
  }
  // The last layers take turns: which of them do makes no difference to how much is read.
  uint64_t left = budget - largest;
  for (size_t index = 0; index < layer_bytes.size(); ++index) {
    Layer& layer = stream->layers_[index];
    layer.stays = layer_bytes[index] <= left;
    left = layer.stays ? left - layer_bytes[index] : 0;
    if (!layer.stays) --stream->statistics_.layers_resident;
  }
  return stream;
}

std::byte* LayerStream::add(int32_t layer, const ByteSource& source, uint64_t offset, uint64_t size) {
  Layer& to = layers_[static_cast<size_t>(layer)];
  std::byte* const place = buffer_.get() + to.used;
  to.pieces.push_back({&source, offset, place, static_cast<size_t>(size)});
  to.used += static_cast<size_t>(size);
  return place;
}

Result<void> LayerStream::acquire(int32_t layer) {
  const Layer& wanted = layers_[static_cast<size_t>(layer)];
  if (wanted.stays || in_buffer_ == layer) return {};
  in_buffer_ = -1;
  const auto begin = std::chrono::steady_clock::now();
  for (const Piece& piece : wanted.pieces) {
    HEARTH_TRY(piece.source->read(piece.offset, {piece.to, piece.size}));
  }
  const std::chrono::duration<double, std::milli> waited = std::chrono::steady_clock::now() - begin;
  statistics_.wait_ms += waited.count();
  statistics_.bytes_read += wanted.used;
  in_buffer_ = layer;
  return {};
}

}  // namespace hearth
