#include "engine/compute/gpu/check_inputs.h"

namespace hearth::gpu {

Tensor CheckInputs::tensor(int64_t rows, int64_t columns) {
  std::vector<float> values(static_cast<size_t>(rows * columns));
  for (size_t i = 0; i < values.size(); ++i) {
    const auto step = static_cast<float>(static_cast<int32_t>(random_.next() % 255) - 127);
    values[i] = (i % 32 == 0 ? 127.0F : step) / 64.0F;
  }
  return {filled(std::as_bytes(std::span(values))), rows, columns};
}

Tensor CheckInputs::eighths(int64_t rows, int64_t columns) {
  std::vector<float> values(static_cast<size_t>(rows * columns));
  for (size_t i = 0; i < values.size(); ++i) {
    const auto step = static_cast<float>(static_cast<int32_t>(random_.next() % 16) - 8);
    values[i] = (i % 32 == 0 ? -8.0F : step) / 8.0F;
  }
  return {filled(std::as_bytes(std::span(values))), rows, columns};
}

Tensor CheckInputs::between(float low, float high, int64_t rows, int64_t columns) {
  std::vector<float> values(static_cast<size_t>(rows * columns));
  for (float& value : values) value = low + (high - low) * static_cast<float>(random_.uniform());
  return {filled(std::as_bytes(std::span(values))), rows, columns};
}

Weight CheckInputs::weight(BlockType type, int64_t rows, int64_t columns) {
  std::vector<std::byte> blocks(bytes_of(type, static_cast<uint64_t>(rows * columns)));
  for (std::byte& byte : blocks) byte = static_cast<std::byte>(0x20 + random_.next() % 0x1C);
  return {type, rows, columns, filled(blocks)};
}

Buffer CheckInputs::filled(std::span<const std::byte> content) {
  constexpr uint64_t kAlignment = 256;
  const Buffer buffer = memory_.at(taken_);
  taken_ += (content.size() + kAlignment - 1) / kAlignment * kAlignment;
  if (!fitted()) return memory_;
  device.write(content, buffer);
  return buffer;
}

}  // namespace hearth::gpu
