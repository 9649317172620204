#include "engine/model/relative_positions.h"

#include <gtest/gtest.h>

#include <utility>

namespace hearth {
namespace {

// 32 buckets: 16 for each side, of which 8 are of one distance; the others begin at 8 * 16^(i / 8).
TEST(RelativePositions, BucketsGrowWithDistance) {
  for (const auto& [distance, bucket] :
       {std::pair{0, 0}, {-1, 1},   {-7, 7},   {-8, 8},   {-11, 8},  {-12, 9},  {-15, 9},   {-16, 10},
        {-22, 10},       {-23, 11}, {-32, 12}, {-64, 14}, {-90, 14}, {-91, 15}, {-127, 15}, {-128, 15},
        {-5000, 15},     {1, 17},   {7, 23},   {16, 26},  {128, 31}, {5000, 31}}) {
    EXPECT_EQ(bucket_of(distance, 32), bucket) << distance;
  }
}

// Of 32 buckets 16 are of one distance; the others begin at 16 * 8^(i / 16).
TEST(RelativePositions, WhereOnlyWhatIsBeforeARowIsSeenItHasAllBuckets) {
  for (const auto& [distance, bucket] : {std::pair{0, 0},
                                         {-1, 1},
                                         {-15, 15},
                                         {-16, 16},
                                         {-18, 16},
                                         {-19, 17},
                                         {-32, 21},
                                         {-64, 26},
                                         {-112, 30},
                                         {-113, 31},
                                         {-128, 31},
                                         {-5000, 31},
                                         {1, 0},
                                         {5000, 0}}) {
    EXPECT_EQ(bucket_of(distance, 32, false), bucket) << distance;
  }
}

TEST(RelativePositions, EveryHeadHasItsGains) {
  std::vector<float> gains;  // 4 buckets of 2 heads
  for (int i = 0; i < 8; ++i) gains.push_back(static_cast<float>(i));
  const std::vector<float> table = gains_of_distances(gains, 4);
  ASSERT_EQ(table.size(), 2 * 257U);
  EXPECT_EQ(table[128], 0.0F);        // at the row itself
  EXPECT_EQ(table[0], 2.0F);          // far before it
  EXPECT_EQ(table[256], 6.0F);        // far behind it
  EXPECT_EQ(table[257 + 128], 1.0F);  // the second head
  EXPECT_EQ(table[257 + 256], 7.0F);
}

}  // namespace
}  // namespace hearth
