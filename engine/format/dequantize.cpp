#include "engine/format/dequantize.h"

#include <cstring>
#include <type_traits>

#include "engine/base/half.h"
#include "engine/format/decode_block.h"

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
    case BlockType::kQ4_0:
      return decode_blocks<BlockQ4_0>(blocks, values);
    case BlockType::kQ4_1:
      return decode_blocks<BlockQ4_1>(blocks, values);
    case BlockType::kQ5_0:
      return decode_blocks<BlockQ5_0>(blocks, values);
    case BlockType::kQ5_1:
      return decode_blocks<BlockQ5_1>(blocks, values);
    case BlockType::kQ8_0:
      return decode_blocks<BlockQ8_0>(blocks, values);
    case BlockType::kQ8_1:
      return decode_blocks<BlockQ8_1>(blocks, values);
    case BlockType::kMXFP4:
      return decode_blocks<BlockMXFP4>(blocks, values);
    case BlockType::kQ2_K:
      return decode_blocks<BlockQ2_K>(blocks, values);
    case BlockType::kQ3_K:
      return decode_blocks<BlockQ3_K>(blocks, values);
    case BlockType::kQ4_K:
      return decode_blocks<BlockQ4_K>(blocks, values);
    case BlockType::kQ5_K:
      return decode_blocks<BlockQ5_K>(blocks, values);
    case BlockType::kQ6_K:
      return decode_blocks<BlockQ6_K>(blocks, values);
    case BlockType::kQ8_K:
      return decode_blocks<BlockQ8_K>(blocks, values);
    case BlockType::kTQ1_0:
      return decode_blocks<BlockTQ1_0>(blocks, values);
    case BlockType::kTQ2_0:
      return decode_blocks<BlockTQ2_0>(blocks, values);
    case BlockType::kIQ1_S:
      return decode_blocks<BlockIQ1_S>(blocks, values);
    case BlockType::kIQ1_M:
      return decode_blocks<BlockIQ1_M>(blocks, values);
    case BlockType::kIQ2_XXS:
      return decode_blocks<BlockIQ2_XXS>(blocks, values);
    case BlockType::kIQ2_XS:
      return decode_blocks<BlockIQ2_XS>(blocks, values);
    case BlockType::kIQ2_S:
      return decode_blocks<BlockIQ2_S>(blocks, values);
    case BlockType::kIQ3_XXS:
      return decode_blocks<BlockIQ3_XXS>(blocks, values);
    case BlockType::kIQ3_S:
      return decode_blocks<BlockIQ3_S>(blocks, values);
    case BlockType::kIQ4_NL:
      return decode_blocks<BlockIQ4_NL>(blocks, values);
    case BlockType::kIQ4_XS:
      return decode_blocks<BlockIQ4_XS>(blocks, values);
  }
}

}  // namespace hearth
