#include "engine/model/kv_cache.h"

#include <gtest/gtest.h>

namespace hearth {
namespace {

class KvCacheTest : public ::testing::Test {
 protected:
  void SetUp() override {
    backend_ = std::move(make_cpu_backend({1, "portable"})).value();
    spec_.n_layer = 2;
    spec_.n_head_kv = 2;
    spec_.key_dimension = 8;
    spec_.value_dimension = 8;
    cache_ = std::move(KvCache::create(*backend_, spec_, 4 * kPagePositions, BlockType::kF16)).value();
  }

  std::unique_ptr<Backend> backend_;
  ModelSpec spec_;
  std::unique_ptr<KvCache> cache_;
};

TEST_F(KvCacheTest, ASequenceTakesPagesAsItGrowsAndGivesThemBack) {
  {
    KvSequence sequence(*cache_);
    ASSERT_TRUE(sequence.extend(1).ok());
    EXPECT_EQ(cache_->free_pages(), 3);
    ASSERT_TRUE(sequence.extend(kPagePositions - 1).ok());
    EXPECT_EQ(cache_->free_pages(), 3);
    ASSERT_TRUE(sequence.extend(1).ok());
    EXPECT_EQ(cache_->free_pages(), 2);
    sequence.truncate(kPagePositions);
    EXPECT_EQ(cache_->free_pages(), 3);
    EXPECT_EQ(sequence.length(), kPagePositions);
  }
  EXPECT_EQ(cache_->free_pages(), 4);
}

TEST_F(KvCacheTest, AnOverflowChangesNothing) {
  KvSequence sequence(*cache_);
  ASSERT_TRUE(sequence.extend(3 * kPagePositions).ok());
  const auto overflow = sequence.extend(kPagePositions + 1);
  ASSERT_FALSE(overflow.ok());
  EXPECT_EQ(overflow.error().code, ErrorCode::kContextOverflow);
  EXPECT_EQ(sequence.length(), 3 * kPagePositions);
  EXPECT_EQ(cache_->free_pages(), 1);
}

TEST_F(KvCacheTest, APrefixIsSharedByWholePagesAndOutlivesItsFirstOwner) {
  auto first = std::make_unique<KvSequence>(*cache_);
  ASSERT_TRUE(first->extend(2 * kPagePositions + 10).ok());
  const std::vector<int32_t> pages(first->pages().begin(), first->pages().end());
  KvSequence second = first->share_prefix(2 * kPagePositions + 5);
  EXPECT_EQ(second.length(), 2 * kPagePositions);
  EXPECT_EQ(cache_->free_pages(), 1) << "sharing takes no page";
  first.reset();
  EXPECT_EQ(cache_->free_pages(), 2) << "only the page that was not shared is free again";
  EXPECT_TRUE(std::equal(second.pages().begin(), second.pages().end(), pages.begin()));
  const KvSequence moved = std::move(second);
  EXPECT_EQ(moved.length(), 2 * kPagePositions);
}

TEST_F(KvCacheTest, RefusesTypesThatCannotHoldItsHeads) {
  const auto cache = KvCache::create(*backend_, spec_, 64, BlockType::kQ8_0);
  ASSERT_FALSE(cache.ok());
  EXPECT_EQ(cache.error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace hearth
