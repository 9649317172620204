#include "engine/compute/mixed/ranges.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

namespace hearth::mixed {
namespace {

using ::testing::ElementsAre;

TEST(Ranges, AreOneWhereTheyTouch) {
  Ranges ranges;
  ranges.add({0, 4});
  ranges.add({8, 12});
  ranges.add({4, 8});
  EXPECT_THAT(ranges.take({0, 100}), ElementsAre(Range{0, 12}));
  EXPECT_THAT(ranges.take({0, 100}), ElementsAre());
}

TEST(Ranges, LeaveWhatIsNotTaken) {
  Ranges ranges;
  ranges.add({0, 12});
  EXPECT_THAT(ranges.take({4, 8}), ElementsAre(Range{4, 8}));
  EXPECT_THAT(ranges.take({2, 10}), ElementsAre(Range{2, 4}, Range{8, 10}));
  EXPECT_THAT(ranges.take({0, 12}), ElementsAre(Range{0, 2}, Range{10, 12}));
}

TEST(Ranges, HoldTheNumbersThatASetOfThemWouldHold) {
  std::mt19937 random(1);
  Ranges ranges;
  std::set<uint64_t> numbers;
  for (int step = 0; step < 2000; ++step) {
    const uint64_t begin = random() % 40;
    const uint64_t end = begin + 1 + random() % 10;
    if (random() % 2 == 0) {
      ranges.add({begin, end});
      for (uint64_t number = begin; number < end; ++number) numbers.insert(number);
      continue;
    }
    std::set<uint64_t> taken, wanted;
    for (const Range& range : ranges.take({begin, end})) {
      for (uint64_t number = range.first; number < range.second; ++number) taken.insert(number);
    }
    for (uint64_t number = begin; number < end; ++number) {
      if (numbers.erase(number) > 0) wanted.insert(number);
    }
    EXPECT_EQ(taken, wanted);
  }
}

}  // namespace
}  // namespace hearth::mixed
