#include "engine/runtime/prefix_cache.h"

#include <gtest/gtest.h>

#include <numeric>

#include "engine/compute/backend.h"
#include "engine/runtime/test_model.h"

namespace hearth {
namespace {

class PrefixCacheTest : public ::testing::Test {
 protected:
  PrefixCacheTest() {
    spec_.n_layer = 1;
    spec_.n_head_kv = 1;
    spec_.key_dimension = spec_.value_dimension = 4;
    backend_ = testing::expect_value(make_cpu_backend({1, ""}));
    cache_ = testing::expect_value(KvCache::create(*backend_, spec_, 10 * kPagePositions, BlockType::kF32));
    prefixes_ = std::make_unique<PrefixCache>(*cache_);
  }

  /// `count` tokens: 0, 1, 2, ... up to `same`, then others.
  static std::vector<TokenId> tokens(int32_t count, int32_t same = INT32_MAX) {
    std::vector<TokenId> ids(static_cast<size_t>(count));
    for (int32_t i = 0; i < count; ++i) ids[static_cast<size_t>(i)] = i < same ? i : -i;
    return ids;
  }

  void store(const std::vector<TokenId>& ids) {
    KvSequence sequence(*cache_);
    ASSERT_TRUE(sequence.extend(static_cast<int32_t>(ids.size())).ok());
    prefixes_->store(ids, sequence);
  }

  ModelSpec spec_;
  std::unique_ptr<Backend> backend_;
  std::unique_ptr<KvCache> cache_;
  std::unique_ptr<PrefixCache> prefixes_;
};

TEST_F(PrefixCacheTest, SharesTheWholePagesThatMatch) {
  store(tokens(200));
  EXPECT_EQ(cache_->free_pages(), 7) << "three whole pages are kept, the last 8 positions are not";
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
  EXPECT_EQ(cache_->free_pages(), 7);
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
  EXPECT_EQ(cache_->free_pages(), 10);
}

TEST_F(PrefixCacheTest, ASharedPageOutlivesItsEntry) {
  store(tokens(128));
  const KvSequence shared = prefixes_->find(tokens(400));
  prefixes_->evict_oldest();
  EXPECT_EQ(cache_->free_pages(), 8);
}

}  // namespace
}  // namespace hearth
