#include "engine/compute/reference/memory.h"

#include <algorithm>
#include <limits>
#include <new>

namespace hearth::reference {
namespace {

std::span<float> floats_at(Buffer buffer, int64_t count) {
  const std::span<std::byte> bytes = bytes_at(buffer, static_cast<uint64_t>(count) * sizeof(float));
  return {reinterpret_cast<float*>(bytes.data()), static_cast<size_t>(count)};
}

}  // namespace

Buffer allocate_block(uint64_t bytes, std::byte fill) {
  if (bytes > std::numeric_limits<size_t>::max() / 2) return {};
  const auto size = static_cast<size_t>(bytes);
  auto block =
      std::make_unique<Block>(Block{std::unique_ptr<std::byte[]>(new (std::nothrow) std::byte[size])});
  if (block->bytes == nullptr) return {};
  std::fill_n(block->bytes.get(), size, fill);
  return {block.release()};
}

std::shared_ptr<Block> release_block(Buffer buffer) {
  return std::shared_ptr<Block>(static_cast<Block*>(buffer.block));
}

std::span<std::byte> bytes_at(Buffer buffer, uint64_t count) {
  return {static_cast<const Block*>(buffer.block)->bytes.get() + buffer.offset, static_cast<size_t>(count)};
}

std::span<float> values_of(Tensor x) { return floats_at(x.data, x.rows * x.columns); }

std::span<float> row_of(Tensor x, int64_t row) { return values_of(x.slice_rows(row, 1)); }

std::span<const float> values_of(Vector vector) {
  return vector ? floats_at(vector.data, vector.size) : std::span<float>();
}

std::span<const std::byte> row_of(const Weight& weight, int64_t row) {
  return bytes_at(weight.slice_rows(row, 1).data, static_cast<uint64_t>(weight.row_bytes()));
}

}  // namespace hearth::reference
