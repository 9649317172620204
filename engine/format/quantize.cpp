#include "engine/format/quantize.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstring>
#include <limits>

#include "engine/base/half.h"
#include "engine/format/block_coding.h"

namespace hearth {
namespace {

constexpr float kLargestF16 = 65504.0F;

// What a block's values weigh where nothing is known of them.
constexpr std::array<float, kSuperBlock> kEqualWeights = [] {
  std::array<float, kSuperBlock> ones{};
  for (float& one : ones) one = 1.0F;
  return ones;
}();

template <typename Block>
concept Fitted = requires(const float* values, Block& block) {
  fit(values, values, block);
};
template <typename Block>
concept Encoded = requires(const float* values, Block& block) {
  encode(values, block);
};

// Calls encode_one(values, position in `values`, block) for each block.
template <typename Block, typename EncodeOne>
void encode_each(std::span<const float> values, std::span<std::byte> blocks, EncodeOne encode_one) {
  const size_t count = blocks.size() / sizeof(Block);
  const size_t elements = count == 0 ? 0 : values.size() / count;
  for (size_t i = 0; i < count; ++i) {
    Block block;
    encode_one(values.data() + i * elements, i * elements, block);
    std::memcpy(blocks.data() + i * sizeof block, &block, sizeof block);
  }
}

template <typename Block>
void encode_blocks(std::span<const float> values, std::span<std::byte> blocks) {
  encode_each<Block>(values, blocks, [](const float* from, size_t /*position*/, Block& block) {
    if constexpr (Encoded<Block>) {
      encode(from, block);
    } else {
      fit(from, kEqualWeights.data(), block);
    }
  });
}

template <typename Stored, Stored (*kConvert)(float)>
void convert_each(std::span<const float> values, std::span<std::byte> stored) {
  for (size_t i = 0; i < values.size(); ++i) {
    const Stored value = kConvert(values[i]);
    std::memcpy(stored.data() + i * sizeof value, &value, sizeof value);
  }
}

template <typename Float>
Float widen(float value) {
  return value;
}

template <typename Integer>
Integer to_nearest_integer(float value) {
  // 2^digits is above the range and exact in a float, where the largest integer may not be.
  constexpr float kEnd = static_cast<float>(uint64_t{1} << std::numeric_limits<Integer>::digits);
  if (value >= kEnd) return std::numeric_limits<Integer>::max();
  if (value <= -kEnd) return std::numeric_limits<Integer>::min();
  const float nearest = std::round(value);
  return nearest >= kEnd ? std::numeric_limits<Integer>::max() : static_cast<Integer>(nearest);
}

Result<void> check_range(BlockType type, std::span<const float> values) {
  const bool is_float = type == BlockType::kF32 || type == BlockType::kF16 || type == BlockType::kBF16 ||
                        type == BlockType::kF64;
  if (is_float) return {};
  const BlockLayout& layout = block_layout(type);
  const float limit = layout.block_size > 1 ? kLargestF16 : std::numeric_limits<float>::max();
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::fabs(values[i]) <= limit) continue;
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("value {} is {}, which {} cannot store", i, values[i], layout.name)};
  }
  return {};
}

void encode_all(BlockType type, std::span<const float> values, std::span<std::byte> blocks) {
  switch (type) {
    case BlockType::kF32:
      return convert_each<float, widen>(values, blocks);
    case BlockType::kF16:
      return convert_each<uint16_t, f32_to_f16>(values, blocks);
    case BlockType::kBF16:
      return convert_each<uint16_t, f32_to_bf16>(values, blocks);
    case BlockType::kF64:
      return convert_each<double, widen>(values, blocks);
    case BlockType::kI8:
      return convert_each<int8_t, to_nearest_integer>(values, blocks);
    case BlockType::kI16:
      return convert_each<int16_t, to_nearest_integer>(values, blocks);
    case BlockType::kI32:
      return convert_each<int32_t, to_nearest_integer>(values, blocks);
    case BlockType::kI64:
      return convert_each<int64_t, to_nearest_integer>(values, blocks);
    default:
      visit_block(type,
                  [&]<typename Block>(std::type_identity<Block>) { encode_blocks<Block>(values, blocks); });
  }
}

}  // namespace

Result<void> quantize(BlockType type, std::span<const float> values, std::span<std::byte> blocks) {
  HEARTH_TRY(check_range(type, values));
  encode_all(type, values, blocks);
  return {};
}

Result<void> quantize_closely(BlockType type, std::span<const float> values,
                              std::span<const float> importance, std::span<std::byte> blocks) {
  HEARTH_TRY(check_range(type, values));
  bool fitted = false;
  visit_block(type, [&]<typename Block>(std::type_identity<Block>) {
    if constexpr (Fitted<Block>) {
      fitted = true;
      encode_each<Block>(values, blocks, [&](const float* from, size_t position, Block& block) {
        const float* weights =
            importance.empty() ? kEqualWeights.data() : importance.data() + position % importance.size();
        fit(from, weights, block);
      });
    }
  });
  if (!fitted) encode_all(type, values, blocks);
  return {};
}

}  // namespace hearth
