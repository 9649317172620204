#include "engine/format/dequantize.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <vector>

#include "engine/base/testdata.h"
#include "engine/format/iq_grids.h"

namespace hearth {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;

template <typename T>
std::vector<float> dequantize_all(BlockType type, const std::vector<T>& stored) {
  const BlockLayout& layout = block_layout(type);
  const auto bytes = std::as_bytes(std::span(stored));
  std::vector<float> values(bytes.size() / layout.block_bytes * layout.block_size);
  dequantize(type, bytes, values);
  return values;
}

TEST(Dequantize, IsBitEqualToGgmlForEveryTypeOfTheReference) {
  HEARTH_REQUIRE_TESTDATA();
  const auto folder = testing::testdata() / "dequantize";
  std::ifstream file(folder / "index.json");
  const auto index = nlohmann::json::parse(file);
  EXPECT_EQ(index["types"].size(), 24U);
  for (const auto& entry : index["types"]) {
    const auto name = entry["name"].get<std::string>();
    const auto type = find_block_type(name);
    ASSERT_TRUE(type.has_value()) << name;
    const auto blocks = testing::read_bytes(folder / (name + ".q"));
    const auto expected = testing::read_bytes(folder / (name + ".f32"));
    ASSERT_FALSE(blocks.empty()) << name;
    const auto values = dequantize_all(*type, blocks);
    ASSERT_EQ(values.size() * sizeof(float), expected.size()) << name;
    EXPECT_EQ(std::memcmp(values.data(), expected.data(), expected.size()), 0) << name;
  }
}

TEST(Dequantize, ReadsBlocksThatLieAtAnyByte) {
  std::vector<std::byte> bytes(1 + sizeof(float));
  const float value = 1.5F;
  std::memcpy(bytes.data() + 1, &value, sizeof value);
  float read = 0;
  dequantize(BlockType::kF32, std::span(bytes).subspan(1), {&read, 1});
  EXPECT_EQ(read, 1.5F);
}

TEST(Dequantize, ConvertsTheWideTypesToTheNearestFloat) {
  EXPECT_THAT(dequantize_all(BlockType::kF64, std::vector<double>{0.1, -2.0}), ElementsAre(0.1F, -2.0F));
  EXPECT_THAT(dequantize_all(BlockType::kI8, std::vector<int8_t>{-128, 127}), ElementsAre(-128, 127));
  EXPECT_THAT(dequantize_all(BlockType::kI16, std::vector<int16_t>{-32768}), ElementsAre(-32768));
  EXPECT_THAT(dequantize_all(BlockType::kI32, std::vector<int32_t>{16777217}), ElementsAre(16777216));
  EXPECT_THAT(dequantize_all(BlockType::kI64, std::vector<int64_t>{int64_t{1} << 40}), ElementsAre(0x1p40F));
}

TEST(Dequantize, ScalesMxfp4ByPowersOfTwoDownToTheSubnormal) {
  for (const int exponent : {0, 1, 2, 127, 254}) {
    std::vector<uint8_t> block(17, 0x7A);  // levels -1 (low nibble) and 6 (high nibble)
    block[0] = static_cast<uint8_t>(exponent);
    const auto values = dequantize_all(BlockType::kMXFP4, block);
    EXPECT_EQ(values[0], std::ldexp(-1.0F, exponent - 127));
    EXPECT_EQ(values[31], std::ldexp(6.0F, exponent - 127));
  }
}

TEST(Dequantize, TakesTheScaleAndBytesOfQ8TypesAsTheyAre) {
  std::vector<int8_t> q8_1(36, -3);
  const uint16_t half = 0x3800;  // 0.5
  std::memcpy(q8_1.data(), &half, sizeof half);
  EXPECT_THAT(dequantize_all(BlockType::kQ8_1, q8_1), Each(-1.5F));
  std::vector<int8_t> q8_k(292, 5);
  const float d = 0.25F;
  std::memcpy(q8_k.data(), &d, sizeof d);
  EXPECT_THAT(dequantize_all(BlockType::kQ8_K, q8_k), Each(1.25F));
}

TEST(IqGrids, HoldDistinctPointsOfTheirLevelsOnly) {
  const auto check = [](const auto& grid, const std::vector<int>& levels) {
    for (size_t i = 0; i < grid.size(); ++i) {
      for (size_t j = 0; j < sizeof grid[i]; ++j) {
        const auto level = static_cast<int8_t>(grid[i] >> (8 * j) & 0xFF);
        EXPECT_THAT(levels, ::testing::Contains(level)) << i;
      }
      for (size_t j = 0; j < i; ++j) ASSERT_NE(grid[i], grid[j]) << i << ' ' << j;
    }
  };
  check(kIq2XxsGrid, {8, 25, 43});
  check(kIq2XsGrid, {8, 25, 43});
  check(kIq2SGrid, {8, 25, 43});
  check(kIq3XxsGrid, {4, 12, 20, 28, 36, 44, 52, 62});
  check(kIq3SGrid, {1, 3, 5, 7, 9, 11, 13, 15});
  check(kIq1Grid, {-1, 0, 1});
}

TEST(IqGrids, GiveEvenParityToSignsInSevenBits) {
  for (uint32_t seven = 0; seven < 128; ++seven) {
    const uint8_t signs = signs_with_even_parity(seven);
    EXPECT_EQ(signs & 127, static_cast<int>(seven));
    EXPECT_EQ(std::popcount(signs) % 2, 0);
  }
}

}  // namespace
}  // namespace hearth
