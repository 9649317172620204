#include "apps/serve/tenants/token_bucket.h"

#include <gtest/gtest.h>

namespace hearth::serve {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr TokenBucket::Time kStart{hours(1)};

TEST(TokenBucket, HoldsAMinutesWorthAndFillsAllTheTime) {
  TokenBucket bucket(60, kStart);
  EXPECT_EQ(bucket.remaining(), 60);
  bucket.take(60);
  EXPECT_EQ(bucket.remaining(), 0);
  EXPECT_EQ(bucket.wait_for(1), seconds(1));
  EXPECT_EQ(bucket.time_until_full(), minutes(1));
  bucket.refill(kStart + milliseconds(999));
  EXPECT_EQ(bucket.wait_for(1), milliseconds(1));
  bucket.refill(kStart + seconds(1));
  EXPECT_EQ(bucket.wait_for(1), milliseconds(0));
  EXPECT_EQ(bucket.remaining(), 1);
  bucket.refill(kStart + hours(1000));
  EXPECT_EQ(bucket.remaining(), 60);
}

TEST(TokenBucket, LosesNothingToRounding) {
  TokenBucket bucket(7, kStart);
  bucket.take(7);
  for (int i = 1; i <= 60000; ++i) bucket.refill(kStart + microseconds(i * 1000));
  EXPECT_EQ(bucket.time_until_full(), milliseconds(0));
  bucket.take(7);
  // Steps shorter than a millisecond add up, too.
  for (int i = 1; i <= 600000; ++i) bucket.refill(kStart + minutes(1) + microseconds(i * 100));
  EXPECT_EQ(bucket.remaining(), 7);
}

TEST(TokenBucket, IsFreeAfterTheWaitThatItTells) {
  for (const int64_t limit : {1, 7, 60, 59999, 1000000000}) {
    TokenBucket bucket(limit, kStart);
    bucket.take(limit);
    const auto wait = bucket.wait_for(1);
    bucket.refill(kStart + wait);
    EXPECT_EQ(bucket.wait_for(1), milliseconds(0)) << limit;
  }
}

TEST(TokenBucket, LetsMoreThanItHoldsWaitForAllOfIt) {
  TokenBucket bucket(10, kStart);
  EXPECT_EQ(bucket.wait_for(1000), milliseconds(0));
  bucket.take(1);
  EXPECT_EQ(bucket.wait_for(1000), seconds(6));
}

TEST(TokenBucket, FillsUpWhatWasTakenTooMuch) {
  TokenBucket bucket(10, kStart);
  bucket.take(20);
  EXPECT_EQ(bucket.remaining(), 0);
  EXPECT_EQ(bucket.wait_for(1), seconds(66));
  bucket.give_back(15);
  EXPECT_EQ(bucket.remaining(), 5);
  bucket.give_back(1000);
  EXPECT_EQ(bucket.remaining(), 10);
}

TEST(TokenBucket, KeepsWhatWasUsedWhereItsLimitChanges) {
  TokenBucket bucket(10, kStart);
  bucket.take(4);
  bucket.set_limit(100);
  EXPECT_EQ(bucket.remaining(), 96);
  bucket.set_limit(5);
  EXPECT_EQ(bucket.remaining(), 1);
}

}  // namespace
}  // namespace hearth::serve
