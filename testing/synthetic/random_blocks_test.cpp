#include "testing/synthetic/random_blocks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/format/dequantize.h"
#include "engine/model/convert/type_mix.h"

namespace hearth {
namespace {

std::vector<BlockType> weight_types() {
  std::vector<BlockType> types;
  for (uint32_t number = 0; number < 64; ++number) {
    const auto layout = find_block_layout(number);
    if (layout && can_hold_weights(layout->type)) types.push_back(layout->type);
  }
  return types;
}

std::vector<std::byte> generate(const RandomBlocks& blocks, size_t size, size_t piece) {
  std::vector<std::byte> bytes(size);
  for (size_t offset = 0; offset < size; offset += piece) {
    blocks.fill(offset, std::span(bytes).subspan(offset, std::min(piece, size - offset)));
  }
  return bytes;
}

TEST(RandomBlocks, EveryTypeHasTheWantedDeviationAndAMeanOfZero) {
  ASSERT_EQ(weight_types().size(), 27U);
  for (const BlockType type : weight_types()) {
    SCOPED_TRACE(block_layout(type).name);
    constexpr size_t kElements = 1 << 16;
    const std::vector<std::byte> bytes =
        generate(RandomBlocks(type, 0.02F, 7), bytes_of(type, kElements), 1 << 20);
    std::vector<float> values(kElements);
    dequantize(type, bytes, values);
    double sum = 0.0;
    double squares = 0.0;
    for (const float value : values) {
      ASSERT_TRUE(std::isfinite(value));
      sum += double{value};
      squares += double{value} * value;
    }
    const double deviation = std::sqrt(squares / kElements);
    // 256 blocks whose scales vary give a deviation within 3 % or so; MXFP4's scales are powers of two, so
    // its deviation may be off by as much.
    const double tolerance = type == BlockType::kMXFP4 ? 0.01 : 0.002;
    EXPECT_NEAR(deviation, 0.02, tolerance);
    EXPECT_NEAR(sum / kElements, 0.0, 0.002);
  }
}

TEST(RandomBlocks, DoNotDependOnThePiecesTheyAreAskedForIn) {
  for (const BlockType type : weight_types()) {
    SCOPED_TRACE(block_layout(type).name);
    const RandomBlocks blocks(type, 1.0F, 3);
    const size_t size = bytes_of(type, 2048);
    EXPECT_EQ(generate(blocks, size, size), generate(blocks, size, 13));
  }
}

TEST(RandomBlocks, DifferBetweenSeedsAndBetweenPlaces) {
  const size_t size = bytes_of(BlockType::kQ4_K, 4096);
  const auto one = generate(RandomBlocks(BlockType::kQ4_K, 1.0F, 1), size, size);
  const auto other = generate(RandomBlocks(BlockType::kQ4_K, 1.0F, 2), size, size);
  EXPECT_NE(one, other);
  const size_t block = block_layout(BlockType::kQ4_K).block_bytes;
  EXPECT_FALSE(std::equal(one.begin(), one.begin() + static_cast<ptrdiff_t>(block),
                          one.begin() + static_cast<ptrdiff_t>(block)));
}

TEST(RandomBlocks, FloatsTakeAMean) {
  const size_t size = bytes_of(BlockType::kF32, 4096);
  const auto bytes = generate(RandomBlocks(BlockType::kF32, 0.1F, 1, 1.0F), size, size);
  std::vector<float> values(4096);
  dequantize(BlockType::kF32, bytes, values);
  for (const float value : values) EXPECT_NEAR(value, 1.0F, 0.18F);
}

}  // namespace
}  // namespace hearth
