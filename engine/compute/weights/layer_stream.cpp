#include "engine/compute/weights/layer_stream.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <new>
#include <utility>

#include "engine/compute/weights/kept_layers.h"

namespace hearth {

Result<std::unique_ptr<LayerStream>> LayerStream::create(const std::vector<uint64_t>& layer_bytes,
                                                         uint64_t budget, bool reads_ahead) {
  auto stream = std::make_unique<LayerStream>();
  stream->layers_.resize(layer_bytes.size());
  const uint64_t largest =
      layer_bytes.empty() ? 0 : *std::max_element(layer_bytes.begin(), layer_bytes.end());
  if (budget < largest) {
    return Error{
        ErrorCode::kOutOfMemory,
        fmt::format("the memory limit leaves {} bytes for layers; the largest has {}", budget, largest)};
  }
  const size_t turns = reads_ahead && budget / 2 >= largest ? 2 : 1;
  const std::vector<bool> stays = layers_to_keep(layer_bytes, budget, turns * largest);
  size_t streamed = 0;
  for (size_t index = 0; index < stays.size(); ++index) {
    if (stays[index]) continue;
    Buffer& buffer = stream->buffers_[streamed++ % turns];
    stream->layers_[index].buffer = &buffer;
    if (buffer.bytes != nullptr) continue;
    if (largest <= std::numeric_limits<size_t>::max() / 2) {
      buffer.bytes.reset(new (std::nothrow) std::byte[static_cast<size_t>(largest)]);
    }
    if (buffer.bytes == nullptr) {
      return Error{ErrorCode::kOutOfMemory, fmt::format("no memory for a layer of {} bytes", largest)};
    }
  }
  stream->statistics_.layers_resident = static_cast<int32_t>(stays.size() - streamed);
  return stream;
}

LayerStream::~LayerStream() {
  for (Buffer& buffer : buffers_) {
    if (buffer.coming) static_cast<void>(fill(buffer, buffer.layer));
  }
}

std::byte* LayerStream::add(int32_t layer, const ByteSource& source, uint64_t offset, uint64_t size) {
  Layer& to = layers_[static_cast<size_t>(layer)];
  to.pieces.push_back({&source, in_blocks(source, offset, size, to.buffer->bytes.get() + to.used)});
  to.used += static_cast<size_t>(size + block_padding(source));
  to.bytes += size;
  return to.pieces.back().read.wanted;
}

Result<void> LayerStream::acquire(int32_t layer) {
  const bool takes_turns = buffers_[1].bytes != nullptr;
  const Layer& wanted = layers_[static_cast<size_t>(layer)];
  Buffer* const buffer = wanted.buffer;
  if (buffer == nullptr || (buffer->layer == layer && !buffer->coming)) {
    if (takes_turns) read_ahead(layer);
    return {};
  }
  const auto start = std::chrono::steady_clock::now();
  // Another is on its way where a computation was broken off and a new one has begun.
  if (buffer->coming && buffer->layer != layer) static_cast<void>(fill(*buffer, buffer->layer));
  if (!buffer->coming) begin(*buffer, wanted, layer);
  // The next one's place is free already: so the disk is not idle when this one has arrived.
  if (takes_turns) read_ahead(layer);
  Result<void> filled = fill(*buffer, layer);
  const std::chrono::duration<double, std::milli> waited = std::chrono::steady_clock::now() - start;
  statistics_.wait_ms += waited.count();
  return filled;
}

/// Asks for all of the layer, where its source reads ahead.
void LayerStream::begin(Buffer& buffer, const Layer& layer, int32_t index) {
  for (const Piece& piece : layer.pieces) piece.source->read_ahead(piece.read.offset, piece.read.into);
  buffer.layer = index;
  buffer.coming = true;
}

/// Reads the layer into the buffer, or waits for what was asked for ahead: each piece of that must be read,
/// also if another fails.
Result<void> LayerStream::fill(Buffer& buffer, int32_t layer) {
  const Layer& wanted = layers_[static_cast<size_t>(layer)];
  Result<void> outcome;
  for (const Piece& piece : wanted.pieces) {
    Result<void> read = piece.source->read(piece.read.offset, piece.read.into);
    if (outcome.ok()) outcome = std::move(read);
  }
  buffer.coming = false;
  buffer.layer = outcome.ok() ? layer : -1;
  if (outcome.ok()) statistics_.bytes_read += wanted.bytes;
  return outcome;
}

/// Asks for the next layer of those that come and go, unless its buffer is the one in use.
void LayerStream::read_ahead(int32_t current) {
  const size_t count = layers_.size();
  const auto from = static_cast<size_t>(current);
  size_t next = (from + 1) % count;
  while (layers_[next].buffer == nullptr) next = (next + 1) % count;
  Buffer& buffer = *layers_[next].buffer;
  const auto layer = static_cast<int32_t>(next);
  if (&buffer == layers_[from].buffer || buffer.coming || buffer.layer == layer) return;
  begin(buffer, layers_[next], layer);
}

}  // namespace hearth
