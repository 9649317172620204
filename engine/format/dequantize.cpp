#include "engine/format/dequantize.h"

#include <cstring>
#include <type_traits>

#include "engine/base/half.h"
#include "engine/format/block_coding.h"

namespace hearth {
namespace {

// Blocks are copied out before they are read: a tensor may start at any byte.
template <typename Block>
void decode_blocks(std::span<const std::byte> blocks, std::span<float> values) {
  const size_t count = blocks.size() / sizeof(Block);
  const size_t elements = count == 0 ? 0 : values.size() / count;
  for (size_t i = 0; i < count; ++i) {
    Block block;
    std::memcpy(&block, blocks.data() + i * sizeof block, sizeof block);
    decode(block, values.data() + i * elements);
  }
}

template <typename Stored, float (*kConvert)(Stored)>
void convert_each(std::span<const std::byte> stored, std::span<float> values) {
  for (size_t i = 0; i < values.size(); ++i) {
    Stored value;
    std::memcpy(&value, stored.data() + i * sizeof value, sizeof value);
    values[i] = kConvert(value);
  }
}

template <typename Stored>
float to_nearest(Stored value) {
  return static_cast<float>(value);
}

}  // namespace

void dequantize(BlockType type, std::span<const std::byte> blocks, std::span<float> values) {
  switch (type) {
    case BlockType::kF32:
      return convert_each<float, to_nearest>(blocks, values);
    case BlockType::kF16:
      return convert_each<uint16_t, f16_to_f32>(blocks, values);
    case BlockType::kBF16:
      return convert_each<uint16_t, bf16_to_f32>(blocks, values);
    case BlockType::kF64:
      return convert_each<double, to_nearest>(blocks, values);
    case BlockType::kI8:
      return convert_each<int8_t, to_nearest>(blocks, values);
    case BlockType::kI16:
      return convert_each<int16_t, to_nearest>(blocks, values);
    case BlockType::kI32:
      return convert_each<int32_t, to_nearest>(blocks, values);
    case BlockType::kI64:
      return convert_each<int64_t, to_nearest>(blocks, values);
    default:
      visit_block(type,
                  [&]<typename Block>(std::type_identity<Block>) { decode_blocks<Block>(blocks, values); });
  }
}

}  // namespace hearth
