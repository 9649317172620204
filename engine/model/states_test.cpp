#include "engine/model/states.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/compute/devices.h"

namespace hearth {
namespace {

class StatesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    backend_ = std::move(make_backend({"", 1, "portable"})).value();
    plan_.add_kv({2, 8, 8});
    plan_.add_kv({2, 8, 8});
    states_ = std::move(StateStore::create(*backend_, plan_, 4 * kPagePositions, BlockType::kF16)).value();
  }

  std::unique_ptr<Backend> backend_;
  StatePlan plan_;
  std::unique_ptr<StateStore> states_;
};

TEST_F(StatesTest, ASequenceTakesPagesAsItGrowsAndGivesThemBack) {
  {
    SequenceState sequence(*states_);
    ASSERT_TRUE(sequence.extend(1).ok());
    EXPECT_EQ(states_->free_pages(), 3);
    ASSERT_TRUE(sequence.extend(kPagePositions - 1).ok());
    EXPECT_EQ(states_->free_pages(), 3);
    ASSERT_TRUE(sequence.extend(1).ok());
    EXPECT_EQ(states_->free_pages(), 2);
    sequence.truncate(kPagePositions);
    EXPECT_EQ(states_->free_pages(), 3);
    EXPECT_EQ(sequence.length(), kPagePositions);
  }
  EXPECT_EQ(states_->free_pages(), 4);
}

TEST_F(StatesTest, AnOverflowChangesNothing) {
  SequenceState sequence(*states_);
  ASSERT_TRUE(sequence.extend(3 * kPagePositions).ok());
  const auto overflow = sequence.extend(kPagePositions + 1);
  ASSERT_FALSE(overflow.ok());
  EXPECT_EQ(overflow.error().code, ErrorCode::kContextOverflow);
  EXPECT_EQ(sequence.length(), 3 * kPagePositions);
  EXPECT_EQ(states_->free_pages(), 1);
}

/// The first `count` pages of a sequence.
std::vector<KeptPage> keep(const SequenceState& sequence, int32_t count) {
  std::vector<KeptPage> kept;
  for (int32_t index = 0; index < count; ++index) kept.push_back(sequence.keep_page(index));
  return kept;
}

SequenceState resume(StateStore& store, const std::vector<KeptPage>& kept) {
  std::vector<const KeptPage*> pages;
  for (const KeptPage& page : kept) pages.push_back(&page);
  return SequenceState::resume(store, pages);
}

TEST_F(StatesTest, APrefixIsSharedByWholePagesAndOutlivesItsFirstOwner) {
  auto first = std::make_unique<SequenceState>(*states_);
  ASSERT_TRUE(first->extend(2 * kPagePositions + 10).ok());
  const std::vector<int32_t> pages(first->pages().begin(), first->pages().end());
  std::vector<KeptPage> kept = keep(*first, 2);
  EXPECT_EQ(states_->free_pages(), 1) << "sharing takes no page";
  EXPECT_TRUE(kept[0].is_shared());
  first.reset();
  EXPECT_EQ(states_->free_pages(), 2) << "only the page that was not kept is free again";
  EXPECT_FALSE(kept[0].is_shared());
  SequenceState second = resume(*states_, kept);
  kept.clear();
  EXPECT_EQ(second.length(), 2 * kPagePositions);
  EXPECT_TRUE(std::equal(second.pages().begin(), second.pages().end(), pages.begin()));
  const SequenceState moved = std::move(second);
  EXPECT_EQ(moved.length(), 2 * kPagePositions);
  EXPECT_EQ(states_->free_pages(), 2);
}

TEST_F(StatesTest, RefusesTypesThatCannotHoldItsHeads) {
  const auto cache = StateStore::create(*backend_, plan_, 64, BlockType::kQ8_0);
  ASSERT_FALSE(cache.ok());
  EXPECT_EQ(cache.error().code, ErrorCode::kInvalidArgument);
}

/// A network with one layer of keys and values and one whose state has one size.
class SlotsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    backend_ = std::move(make_backend({"", 1, "portable"})).value();
    plan_.add_kv({1, 8, 8});
    plan_.add_slot(sizeof(float));
    store_ = std::move(StateStore::create(*backend_, plan_, 8 * kPagePositions, BlockType::kF32, 4)).value();
  }

  void set(const SequenceState& sequence, float value) {
    backend_->write(std::as_bytes(std::span(&value, 1)), store_->slots(0).of(sequence.slot()));
  }
  float get(const SequenceState& sequence) {
    float value = 0.0F;
    backend_->begin_read(store_->slots(0).of(sequence.slot()), std::as_writable_bytes(std::span(&value, 1)));
    return value;
  }

  std::unique_ptr<Backend> backend_;
  StatePlan plan_;
  std::unique_ptr<StateStore> store_;
};

TEST_F(SlotsTest, ANewSequenceBeginsWithZeroAlsoWhereAnotherWas) {
  for (int round = 0; round < 2; ++round) {
    SequenceState sequence(*store_);
    ASSERT_TRUE(sequence.extend(1).ok());
    EXPECT_EQ(get(sequence), 0.0F);
    set(sequence, 5.0F);
  }
  EXPECT_EQ(store_->free_slots(), 4);
}

TEST_F(SlotsTest, GoesBackOnlyToItsBeginning) {
  SequenceState sequence(*store_);
  ASSERT_TRUE(sequence.extend(10).ok());
  set(sequence, 10.0F);
  EXPECT_EQ(sequence.restorable(10), 10);
  EXPECT_EQ(sequence.restorable(9), 0);
  EXPECT_EQ(sequence.truncate(9), 0);
  EXPECT_EQ(sequence.length(), 0);
  EXPECT_EQ(store_->free_slots(), 4);
  ASSERT_TRUE(sequence.extend(1).ok());
  EXPECT_EQ(get(sequence), 0.0F);
}

TEST_F(SlotsTest, AnotherSequenceGoesOnFromAPageThatWasKeptAtTheEndOfThisOne) {
  SequenceState sequence(*store_);
  ASSERT_TRUE(sequence.extend(kPagePositions).ok());
  set(sequence, 1.0F);
  std::vector<KeptPage> kept = keep(sequence, 1);
  EXPECT_TRUE(kept[0].is_resumable());
  ASSERT_TRUE(sequence.extend(kPagePositions + 5).ok());
  set(sequence, 2.0F);
  EXPECT_FALSE(sequence.keep_page(0).is_resumable()) << "too late";
  EXPECT_FALSE(sequence.keep_page(1).is_resumable()) << "the sequence is longer";
  const SequenceState other = resume(*store_, kept);
  EXPECT_EQ(other.length(), kPagePositions);
  EXPECT_EQ(get(other), 1.0F);
  EXPECT_EQ(get(resume(*store_, kept)), 1.0F);
  const SequenceState third = resume(*store_, kept);
  EXPECT_EQ(resume(*store_, kept).length(), 0) << "no slot is left";
  kept[0].give_back_slot();
  EXPECT_FALSE(kept[0].is_resumable());
  EXPECT_EQ(store_->free_slots(), 1);
  EXPECT_EQ(get(other), 1.0F);
}

TEST_F(SlotsTest, TooManySequencesAreAnErrorThatChangesNothing) {
  std::vector<SequenceState> sequences;
  for (int i = 0; i < 4; ++i) {
    sequences.emplace_back(*store_);
    ASSERT_TRUE(sequences.back().extend(1).ok());
  }
  SequenceState one_more(*store_);
  EXPECT_EQ(one_more.extend(1).error().code, ErrorCode::kContextOverflow);
  EXPECT_EQ(one_more.length(), 0);
}

TEST(StatePlan, LayersThatRememberNothingTakeTurnsInOnePlace) {
  StatePlan plan;
  const StatePlan::KvShape forgotten{2, 32, 32, false};
  EXPECT_EQ(plan.add_kv(forgotten), 0);
  EXPECT_EQ(plan.add_kv(forgotten), 0);
  EXPECT_EQ(plan.add_kv({4, 32, 32, false}), 1) << "another shape, another place";
  EXPECT_EQ(plan.add_kv({4, 32, 32}), 2);
  EXPECT_EQ(plan.add_kv({4, 32, 32}), 3) << "what is remembered is each layer's own";
}

}  // namespace
}  // namespace hearth
