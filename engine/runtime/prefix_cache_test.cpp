#include "engine/runtime/prefix_cache.h"

#include <gtest/gtest.h>

#include <numeric>

#include "engine/compute/devices.h"
#include "engine/runtime/test_model.h"

namespace hearth {
namespace {

class PrefixCacheTest : public ::testing::Test {
 protected:
  PrefixCacheTest() {
    StatePlan plan;
    plan.add_kv({1, 4, 4});
    backend_ = testing::expect_value(make_backend({"", 1, ""}));
    states_ =
        testing::expect_value(StateStore::create(*backend_, plan, 10 * kPagePositions, BlockType::kF32));
    prefixes_ = std::make_unique<PrefixCache>(*states_);
  }

  /// `count` tokens: 0, 1, 2, ... up to `same`, then others.
  static std::vector<TokenId> tokens(int32_t count, int32_t same = INT32_MAX) {
    std::vector<TokenId> ids(static_cast<size_t>(count));
    for (int32_t i = 0; i < count; ++i) ids[static_cast<size_t>(i)] = i < same ? i : -i;
    return ids;
  }

  void store(const std::vector<TokenId>& ids) {
    SequenceState sequence(*states_);
    ASSERT_TRUE(sequence.extend(static_cast<int32_t>(ids.size())).ok());
    prefixes_->store(ids, sequence);
  }

  std::unique_ptr<Backend> backend_;
  std::unique_ptr<StateStore> states_;
  std::unique_ptr<PrefixCache> prefixes_;
};

TEST_F(PrefixCacheTest, SharesTheWholePagesThatMatch) {
  store(tokens(200));
  EXPECT_EQ(states_->free_pages(), 7) << "three whole pages are kept, the last 8 positions are not";
  EXPECT_EQ(prefixes_->find(tokens(400)).length(), 192);
  EXPECT_EQ(prefixes_->find(tokens(400, 130)).length(), 128);
  EXPECT_EQ(prefixes_->find(tokens(400, 50)).length(), 0);
}

TEST_F(PrefixCacheTest, LeavesTheLastTokenToCompute) {
  store(tokens(128));
  EXPECT_EQ(prefixes_->find(tokens(129)).length(), 128);
  EXPECT_EQ(prefixes_->find(tokens(128)).length(), 64);
  EXPECT_EQ(prefixes_->find({}).length(), 0);
}

TEST_F(PrefixCacheTest, TakesTheLongestMatch) {
  store(tokens(128, 100));
  store(tokens(192, 150));
  EXPECT_EQ(prefixes_->find(tokens(400)).length(), 128);
}

TEST_F(PrefixCacheTest, ALongerEntryReplacesTheOneItContinues) {
  store(tokens(128));
  store(tokens(192));
  EXPECT_EQ(states_->free_pages(), 7);
}

TEST_F(PrefixCacheTest, EvictsTheEntryUnusedForLongest) {
  store(tokens(64));
  store(tokens(64, 0));
  EXPECT_EQ(prefixes_->find(tokens(100)).length(), 64);  // the older one was used again
  EXPECT_TRUE(prefixes_->evict_oldest());
  EXPECT_EQ(prefixes_->find(tokens(100)).length(), 64);
  EXPECT_EQ(prefixes_->find(tokens(100, 0)).length(), 0);
  EXPECT_TRUE(prefixes_->evict_oldest());
  EXPECT_FALSE(prefixes_->evict_oldest());
  EXPECT_EQ(states_->free_pages(), 10);
}

TEST_F(PrefixCacheTest, ASharedPageOutlivesItsEntry) {
  store(tokens(128));
  const SequenceState shared = prefixes_->find(tokens(400));
  prefixes_->evict_oldest();
  EXPECT_EQ(states_->free_pages(), 8);
}

}  // namespace
}  // namespace hearth
