#include "engine/model/rope_table.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <vector>

namespace hearth {
namespace {

RopeSpec spec_of(int32_t dimensions, float base) {
  RopeSpec spec;
  spec.dimensions = dimensions;
  spec.theta_base = base;
  return spec;
}

TEST(RopeTable, FrequenciesFallGeometrically) {
  const RopeTable table = make_rope_table(spec_of(8, 10000.0F), {});
  ASSERT_EQ(table.frequencies.size(), 4U);
  EXPECT_FLOAT_EQ(table.frequencies[0], 1.0F);
  EXPECT_FLOAT_EQ(table.frequencies[1], 0.1F);
  EXPECT_FLOAT_EQ(table.frequencies[3], 0.001F);
  EXPECT_EQ(table.magnitude, 1.0F);
}

TEST(RopeTable, PairsOfTheFourthSectionStandStill) {
  RopeSpec spec = spec_of(16, 10000.0F);
  spec.sections = {1, 1, 1, 1};
  const auto which_turn = [&] {
    std::vector<bool> turn;
    for (const float frequency : make_rope_table(spec, {}).frequencies) turn.push_back(frequency > 0.0F);
    return turn;
  };
  EXPECT_EQ(which_turn(), (std::vector<bool>{true, true, true, false, true, true, true, false}));
  spec.sections = {2, 1, 2, 3};
  spec.sections_alternate = true;  // time, height, width, time, none left, width, ...
  EXPECT_EQ(which_turn(), (std::vector<bool>{true, true, true, true, false, true, false, false}));
  spec.sections = {1, 1, 1, 0};
  EXPECT_EQ(which_turn(), std::vector<bool>(8, true));
}

TEST(RopeTable, LinearScalingSlowsAllPairsAlike) {
  RopeSpec spec = spec_of(8, 10000.0F);
  spec.frequency_scale = 0.25F;
  EXPECT_FLOAT_EQ(make_rope_table(spec, {}).frequencies[2], 0.0025F);
}

TEST(RopeTable, FactorsDivideEachPair) {
  const std::array<float, 2> factors{1.0F, 8.0F};
  const RopeTable table = make_rope_table(spec_of(4, 100.0F), factors);
  EXPECT_FLOAT_EQ(table.frequencies[0], 1.0F);
  EXPECT_FLOAT_EQ(table.frequencies[1], 0.0125F);
}

TEST(RopeTable, YarnKeepsFastPairsAndScalesSlowOnes) {
  RopeSpec spec = spec_of(128, 10000.0F);
  spec.yarn = true;
  spec.frequency_scale = 0.25F;
  spec.original_context = 4096;
  const RopeTable plain = make_rope_table(spec_of(128, 10000.0F), {});
  const RopeTable table = make_rope_table(spec, {});
  EXPECT_FLOAT_EQ(table.frequencies[0], plain.frequencies[0]);
  EXPECT_FLOAT_EQ(table.frequencies[63], plain.frequencies[63] * 0.25F);
  // Half way along the ramp (pairs 20 to 46) both shares are equal.
  EXPECT_NEAR(table.frequencies[33] / plain.frequencies[33], 0.625, 1e-6);
  EXPECT_FLOAT_EQ(table.magnitude, 1.0F + 0.1F * std::log(4.0F));
}

TEST(RopeTable, YarnsMagnitudeMayBeTakenBackAndItsBlendBeWeaker) {
  RopeSpec spec = spec_of(128, 10000.0F);
  spec.yarn = true;
  spec.frequency_scale = 0.25F;
  spec.original_context = 4096;
  spec.yarn_log_multiplier = 1.0F;
  spec.yarn_extrapolation = 0.5F;
  const RopeTable plain = make_rope_table(spec_of(128, 10000.0F), {});
  const RopeTable table = make_rope_table(spec, {});
  EXPECT_FLOAT_EQ(table.magnitude, 1.0F);
  EXPECT_FLOAT_EQ(table.frequencies[0], plain.frequencies[0] * 0.625F);
  EXPECT_FLOAT_EQ(table.frequencies[63], plain.frequencies[63] * 0.25F);
}

}  // namespace
}  // namespace hearth
