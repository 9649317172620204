#include "engine/compute/weights/expert_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "engine/compute/host.h"

namespace hearth {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr uint64_t kMatrix = 100;  // bytes; an expert has two

/// Byte n is n / kMatrix. Notes what it is asked for, and what ahead of that.
class CountingSource final : public ByteSource {
 public:
  const std::string& name() const override { return name_; }
  uint64_t size() const override { return 100 * kMatrix; }
  Result<void> read(uint64_t offset, std::span<std::byte> into) const override {
    asked.push_back(static_cast<int>(offset / kMatrix));
    if (asked.back() == unreadable) return Error{ErrorCode::kIo, "cannot be read"};
    for (size_t i = 0; i < into.size(); ++i) into[i] = static_cast<std::byte>((offset + i) / kMatrix);
    return {};
  }

  bool reads_ahead() const override { return ahead; }
  void read_ahead(uint64_t offset, std::span<std::byte> /*into*/) const override {
    asked_ahead.push_back(static_cast<int>(offset / kMatrix));
  }
  size_t block() const override { return block_; }

  mutable std::vector<int> asked, asked_ahead;
  int unreadable = -1;
  bool ahead = false;
  size_t block_ = 1;

 private:
  std::string name_ = "counting";
};

/// Two layers of four experts: up matrices from 0 and 10 on, down matrices from 20 and 30 on.
class ExpertCacheTest : public ::testing::Test {
 protected:
  void make(int32_t experts_in_memory) {
    cache_ = std::move(*ExpertCache::create({2 * kMatrix, 2 * kMatrix},
                                            static_cast<uint64_t>(experts_in_memory) * 2 * kMatrix));
    for (int32_t layer = 0; layer < 2; ++layer) {
      const auto first = static_cast<uint64_t>(layer) * 10;
      up_[layer] = cache_->add({source_, first * kMatrix, 4 * kMatrix}, layer, 4);
      down_[layer] = cache_->add({source_, (20 + first) * kMatrix, 4 * kMatrix}, layer, 4);
    }
  }

  /// Leases these and waits for them all.
  Result<void> lease(int32_t layer, std::vector<int32_t> experts) {
    source_.asked.clear();
    HEARTH_TRY(cache_->lease(layer, experts));
    for (const int32_t expert : experts) HEARTH_TRY(cache_->bring(layer, expert));
    return {};
  }

  /// What the first byte of the expert's matrix is; -1 where it is not in memory.
  static int content(const ExpertPlaces* places, size_t expert) {
    const Buffer place = places->at[expert];
    return place ? static_cast<int>(*address_of(place)) : -1;
  }

  CountingSource source_;
  std::unique_ptr<ExpertCache> cache_;
  const ExpertPlaces* up_[2]{};
  const ExpertPlaces* down_[2]{};
};

TEST_F(ExpertCacheTest, BringsAllMatricesOfWhatIsLeased) {
  make(4);
  EXPECT_EQ(cache_->room(), 4);
  EXPECT_EQ(content(up_[1], 2), -1);
  ASSERT_TRUE(lease(1, {0, 2}).ok());
  EXPECT_EQ(content(up_[1], 2), 12);
  EXPECT_EQ(content(down_[1], 2), 32);
  EXPECT_EQ(content(down_[1], 0), 30);
  EXPECT_EQ(cache_->bytes_read(), 4 * kMatrix);
}

TEST_F(ExpertCacheTest, ReadsNothingThatIsThere) {
  make(4);
  ASSERT_TRUE(lease(0, {0, 3}).ok());
  ASSERT_TRUE(lease(0, {3, 0}).ok());
  EXPECT_THAT(source_.asked, IsEmpty());
}

TEST_F(ExpertCacheTest, GivesUpWhatWasUsedLongestAgoAndNothingOfTheSameLease) {
  make(3);
  ASSERT_TRUE(lease(0, {0}).ok());
  ASSERT_TRUE(lease(0, {1}).ok());
  ASSERT_TRUE(lease(1, {1}).ok());
  ASSERT_TRUE(lease(0, {0, 2}).ok());
  EXPECT_THAT(source_.asked, ElementsAre(2, 22));
  EXPECT_EQ(content(up_[0], 0), 0);
  EXPECT_EQ(content(up_[0], 1), -1) << "it made room";
  EXPECT_EQ(content(up_[1], 1), 11);
  EXPECT_EQ(lease(0, {0, 1, 2, 3}).error().code, ErrorCode::kOutOfMemory);
}

TEST_F(ExpertCacheTest, TriesAgainWhatCouldNotBeRead) {
  make(2);
  source_.unreadable = 21;
  EXPECT_EQ(lease(0, {1}).error().code, ErrorCode::kIo);
  source_.unreadable = -1;
  ASSERT_TRUE(lease(0, {1}).ok());
  EXPECT_THAT(source_.asked, ElementsAre(1, 21));
  EXPECT_EQ(content(down_[0], 1), 21);
}

TEST_F(ExpertCacheTest, AsksAtOnceForAllThatALeaseLacks) {
  source_.ahead = true;
  make(4);
  ASSERT_TRUE(lease(0, {1}).ok());
  source_.asked_ahead.clear();
  ASSERT_TRUE(cache_->lease(0, std::vector<int32_t>{0, 1, 3}).ok());
  EXPECT_THAT(source_.asked_ahead, ElementsAre(0, 20, 3, 23));
  EXPECT_TRUE(cache_->has(0, 1)) << "while the others come";
  EXPECT_FALSE(cache_->has(0, 0));
  ASSERT_TRUE(cache_->bring(0, 3).ok());
  EXPECT_TRUE(cache_->has(0, 3));
  EXPECT_FALSE(cache_->has(0, 0));
}

TEST_F(ExpertCacheTest, WaitsForWhatItAskedForBeforeItsPlaceIsUsedOtherwise) {
  source_.ahead = true;
  make(2);
  ASSERT_TRUE(cache_->lease(0, std::vector<int32_t>{0, 1}).ok());
  ASSERT_TRUE(lease(1, {2}).ok()) << "the lease before was broken off";
  EXPECT_THAT(source_.asked, ElementsAre(0, 20, 12, 32));
  source_.asked.clear();
  cache_.reset();
  EXPECT_THAT(source_.asked, ElementsAre(1, 21));
}

TEST_F(ExpertCacheTest, ReadsWholeBlocks) {
  source_.block_ = 64;  // 100 * n is a multiple of it only now and then
  make(4);
  ASSERT_TRUE(lease(1, {2, 1}).ok());
  EXPECT_EQ(content(up_[1], 2), 12);
  EXPECT_EQ(content(down_[1], 1), 31);
  EXPECT_EQ(cache_->bytes_read(), 4 * kMatrix);
}

TEST_F(ExpertCacheTest, NeedsRoomForOne) {
  EXPECT_EQ(ExpertCache::create({10, 200}, 199).error().code, ErrorCode::kOutOfMemory);
}

}  // namespace
}  // namespace hearth
