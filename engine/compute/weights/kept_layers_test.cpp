#include "engine/compute/weights/kept_layers.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace hearth {
namespace {

TEST(KeptLayers, KeepsAllThatFit) {
  EXPECT_EQ(layers_to_keep({5, 7, 9}, 21, 18), std::vector<bool>(3, true));
  EXPECT_TRUE(layers_to_keep({}, 0, 2).empty());
}

TEST(KeptLayers, LeavesRoomForThoseThatComeAndGo) {
  for (uint64_t budget = 18; budget < 60; ++budget) {
    const std::vector<uint64_t> sizes{5, 9, 7, 9, 5, 9, 7, 9};
    const std::vector<bool> stays = layers_to_keep(sizes, budget, 2 * 9);
    uint64_t bytes = 2 * 9;
    for (size_t index = 0; index < sizes.size(); ++index) bytes += stays[index] ? sizes[index] : 0;
    EXPECT_LE(bytes, budget);
    EXPECT_GE(bytes + 9 + 9, budget) << "as many as fit";
  }
}

TEST(KeptLayers, SpreadsThemEvenly) {
  EXPECT_EQ(layers_to_keep(std::vector<uint64_t>(6, 10), 50, 20),
            (std::vector<bool>{false, true, false, true, false, true}));
}

TEST(KeptLayers, TakesNoLongForFilesOfAHundredThousandLayers) {
  const std::vector<bool> stays = layers_to_keep(std::vector<uint64_t>(100'000, 1), 50'000, 2);
  EXPECT_EQ(std::count(stays.begin(), stays.end(), true), 49'998);
}

}  // namespace
}  // namespace hearth
