#include "engine/format/quantize.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <random>
#include <vector>

#include "engine/base/testdata.h"
#include "engine/format/dequantize.h"

namespace hearth {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::byte> encode(BlockType type, const std::vector<float>& values) {
  std::vector<std::byte> blocks(bytes_of(type, values.size()), std::byte{0xAA});
  const auto result = quantize(type, values, blocks);
  EXPECT_TRUE(result.ok()) << result.error().message;
  return blocks;
}

// As files are written, with the least error.
std::vector<float> close_trip(BlockType type, const std::vector<float>& values,
                              const std::vector<float>& importance = {}) {
  std::vector<std::byte> blocks(bytes_of(type, values.size()), std::byte{0xAA});
  const auto result = quantize_closely(type, values, importance, blocks);
  EXPECT_TRUE(result.ok()) << result.error().message;
  std::vector<float> decoded(values.size());
  dequantize(type, blocks, decoded);
  return decoded;
}

std::vector<float> round_trip(BlockType type, const std::vector<float>& values) {
  std::vector<float> decoded(values.size());
  dequantize(type, encode(type, values), decoded);
  return decoded;
}

// The error's root mean square over that of the values.
double relative_error(const std::vector<float>& values, const std::vector<float>& decoded) {
  double error = 0;
  double square = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    error += std::pow(double{decoded[i]} - values[i], 2);
    square += std::pow(double{values[i]}, 2);
  }
  return std::sqrt(error / square);
}

std::vector<float> reference_source() {
  const auto bytes = testing::read_bytes(testing::testdata() / "dequantize/source.f32");
  std::vector<float> values(bytes.size() / sizeof(float));
  std::memcpy(values.data(), bytes.data(), bytes.size());
  return values;
}

TEST(Quantize, RoundsBitForBitAsGgmlWhereItsRuleIsPlain) {
  HEARTH_REQUIRE_TESTDATA();
  const auto values = reference_source();
  for (const char* name : {"f16", "bf16", "q8_0", "mxfp4", "tq1_0", "tq2_0"}) {
    const auto expected =
        testing::read_bytes(testing::testdata() / "dequantize" / (std::string(name) + ".q"));
    EXPECT_EQ(encode(*find_block_type(name), values), expected) << name;
  }
}

TEST(Quantize, ComesAtLeastAsCloseAsGgml) {
  HEARTH_REQUIRE_TESTDATA();
  const auto values = reference_source();
  std::ifstream file(testing::testdata() / "dequantize/index.json");
  const auto index = nlohmann::json::parse(file);
  for (const auto& entry : index["types"]) {
    const auto type = *find_block_type(entry["name"].get<std::string>());
    const double error = relative_error(values, close_trip(type, values));
    EXPECT_LE(error, entry["rel_rmse"].get<double>() * (1 + 1e-9)) << entry["name"];
  }
}

// The levels of each type and where they stand in the block, worked out by hand.
TEST(Quantize, RoundsBlocksOf32ByTheirPlainRule) {
  std::vector<float> values(32);
  for (int i = 0; i < 32; ++i) values[i] = static_cast<float>(i) - 8.0F;  // -8 .. 23
  // Q4_0 and Q5_0: the extreme, 23, becomes the lowest level, -8 or -16.
  const auto q4_0 = round_trip(BlockType::kQ4_0, values);
  EXPECT_NEAR(q4_0[31], 23.0F, 0.01F);
  EXPECT_NEAR(q4_0[0], -3 * 23.0F / 8, 0.01F);
  const auto q5_0 = round_trip(BlockType::kQ5_0, values);
  EXPECT_NEAR(q5_0[31], 23.0F, 0.01F);
  EXPECT_NEAR(q5_0[0], -6 * 23.0F / 16, 0.01F);
  // Q5_1: 32 values one apart are its 32 levels.
  EXPECT_EQ(round_trip(BlockType::kQ5_1, values), values);
  // Q4_1: both ends exact, steps of 31 / 15.
  const auto q4_1 = round_trip(BlockType::kQ4_1, values);
  EXPECT_EQ(q4_1[0], -8.0F);
  EXPECT_NEAR(q4_1[31], 23.0F, 0.01F);
  EXPECT_NEAR(q4_1[2], -8.0F + 31.0F / 15, 0.01F);
}

std::vector<float> normal_values(size_t count, float deviation) {
  std::mt19937 random(7);
  std::normal_distribution<float> normal(0.0F, deviation);
  std::vector<float> values(count);
  for (float& value : values) value = normal(random);
  return values;
}

TEST(Quantize, KeepsTheSizeOfValuesWhateverTheirScale) {
  for (const float deviation : {1e-3F, 0.02F, 1.0F, 1000.0F}) {
    const auto values = normal_values(512, deviation);
    for (const BlockLayout& layout : all_block_layouts()) {
      const bool is_integer = layout.name[0] == 'I' && layout.block_size == 1;
      if (is_integer) continue;
      // Ternary rounding serves ternary weights: from a normal distribution it keeps only the extremes.
      const bool is_ternary = layout.name[0] == 'T';
      EXPECT_LT(relative_error(values, round_trip(layout.type, values)), is_ternary ? 0.95 : 0.5)
          << layout.name << " at " << deviation;
    }
  }
}

TEST(Quantize, ErrsLessWhereColumnsAreImportant) {
  const auto values = normal_values(16 * 256, 1.0F);
  std::vector<float> importance(512);  // rows of two super-blocks
  for (size_t i = 0; i < importance.size(); ++i) importance[i] = i % 7 == 0 ? 50.0F : 1.0F;
  const auto weighted_error = [&](const std::vector<float>& decoded) {
    double error = 0;
    for (size_t i = 0; i < values.size(); ++i) {
      error += importance[i % importance.size()] * std::pow(double{decoded[i]} - values[i], 2);
    }
    return error;
  };
  for (const char* name : {"Q4_0", "Q4_1", "Q5_0", "Q5_1", "IQ4_NL", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K",
                           "IQ1_S", "IQ1_M", "IQ2_XXS", "IQ2_XS", "IQ2_S", "IQ3_XXS", "IQ3_S", "IQ4_XS"}) {
    const BlockType type = *find_block_type(name);
    EXPECT_LT(weighted_error(close_trip(type, values, importance)),
              0.95 * weighted_error(close_trip(type, values)))
        << name;
  }
}

TEST(Quantize, KeepsZerosZero) {
  const std::vector<float> zeros(512, 0.0F);
  for (const BlockLayout& layout : all_block_layouts()) {
    EXPECT_THAT(round_trip(layout.type, zeros), Each(0.0F)) << layout.name;
    EXPECT_THAT(close_trip(layout.type, zeros), Each(0.0F)) << layout.name;
  }
}

TEST(Quantize, KeepsTernaryWeightsExactly) {
  std::vector<float> values(256);
  for (size_t i = 0; i < values.size(); ++i)
    values[i] = 0.5F * static_cast<float>(static_cast<int>(i * i % 3) - 1);
  EXPECT_EQ(round_trip(BlockType::kTQ1_0, values), values);
  EXPECT_EQ(round_trip(BlockType::kTQ2_0, values), values);
}

TEST(Quantize, SumsTheQuantsOfQ8TypesForTheirPartners) {
  const auto values = normal_values(256, 1.0F);
  const auto blocks = encode(BlockType::kQ8_K, values);
  const auto* quants = reinterpret_cast<const int8_t*>(blocks.data() + 4);
  for (int i = 0; i < 16; ++i) {
    int sum = 0;
    for (int j = 0; j < 16; ++j) sum += quants[16 * i + j];
    int16_t stored;
    std::memcpy(&stored, blocks.data() + 4 + 256 + 2 * i, sizeof stored);
    EXPECT_EQ(stored, sum);
  }
}

TEST(Quantize, RoundsIntegersWithinTheirRange) {
  EXPECT_THAT(round_trip(BlockType::kI8, {1.4F, -1.6F, 300.0F, -300.0F}), ElementsAre(1, -2, 127, -128));
  EXPECT_THAT(round_trip(BlockType::kI64, {1e30F, -1e30F}), ElementsAre(0x1p63F, -0x1p63F));
  EXPECT_THAT(round_trip(BlockType::kI32, {2147483648.0F}), ElementsAre(0x1p31F));
}

TEST(Quantize, RefusesWhatBlocksCannotHoldAndSaysWhich) {
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(), 65505.0F}) {
    std::vector<float> values(256, 1.0F);
    values[77] = bad;
    for (const BlockLayout& layout : all_block_layouts()) {
      if (layout.block_size == 1) continue;
      std::vector<std::byte> blocks(bytes_of(layout.type, values.size()));
      const auto result = quantize(layout.type, values, blocks);
      ASSERT_FALSE(result.ok()) << layout.name;
      EXPECT_EQ(result.error().code, ErrorCode::kInvalidArgument);
      EXPECT_THAT(result.error().message, HasSubstr("value 77"));
    }
  }
}

TEST(Quantize, SurvivesTheSmallestAndTheLargestValues) {
  std::vector<float> values(256, std::numeric_limits<float>::denorm_min());
  values[3] = 65504.0F;
  values[70] = -65504.0F;
  for (const BlockLayout& layout : all_block_layouts()) {
    EXPECT_THAT(round_trip(layout.type, values),
                Each(::testing::Truly([](float v) { return std::isfinite(v); })))
        << layout.name;
    EXPECT_THAT(close_trip(layout.type, values),
                Each(::testing::Truly([](float v) { return std::isfinite(v); })))
        << layout.name;
    std::vector<float> tiny(256, std::numeric_limits<float>::denorm_min());
    tiny[5] = 0.0F;
    EXPECT_THAT(close_trip(layout.type, tiny),
                Each(::testing::Truly([](float v) { return std::isfinite(v); })))
        << layout.name;
    EXPECT_THAT(round_trip(layout.type, tiny),
                Each(::testing::Truly([](float v) { return std::isfinite(v); })))
        << layout.name;
  }
}

}  // namespace
}  // namespace hearth
