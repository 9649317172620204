#include "engine/runtime/prefix_tree.h"

#include <gtest/gtest.h>

#include <numeric>

#include "engine/base/random.h"
#include "engine/compute/devices.h"
#include "engine/runtime/test_model.h"

namespace hearth {
namespace {

class PrefixTreeTest : public ::testing::Test {
 protected:
  PrefixTreeTest() {
    StatePlan plan;
    plan.add_kv({1, 4, 4});
    backend_ = testing::expect_value(make_backend({"", 1, ""}));
    states_ =
        testing::expect_value(StateStore::create(*backend_, plan, 10 * kPagePositions, BlockType::kF32));
    prefixes_ = std::make_unique<PrefixTree>(*states_);
  }

  /// `count` tokens: 0, 1, 2, ... up to `same`, then others.
  static std::vector<TokenId> tokens(int32_t count, int32_t same = INT32_MAX) {
    std::vector<TokenId> ids(static_cast<size_t>(count));
    for (int32_t i = 0; i < count; ++i) ids[static_cast<size_t>(i)] = i < same ? i : -i;
    return ids;
  }

  void store(const std::vector<TokenId>& ids, std::string_view key = "") {
    SequenceState sequence(*states_);
    ASSERT_TRUE(sequence.extend(static_cast<int32_t>(ids.size())).ok());
    prefixes_->store(ids, sequence, key);
  }

  std::unique_ptr<Backend> backend_;
  std::unique_ptr<StateStore> states_;
  std::unique_ptr<PrefixTree> prefixes_;
};

TEST_F(PrefixTreeTest, SharesTheWholePagesThatMatch) {
  store(tokens(200));
  EXPECT_EQ(states_->free_pages(), 7) << "three whole pages are kept, the last 8 positions are not";
  EXPECT_EQ(prefixes_->find(tokens(400)).length(), 192);
  EXPECT_EQ(prefixes_->find(tokens(400, 130)).length(), 128);
  EXPECT_EQ(prefixes_->find(tokens(400, 50)).length(), 0);
}

TEST_F(PrefixTreeTest, FindsNothingInTextsShorterThanAPage) {
  store(tokens(128));
  EXPECT_EQ(prefixes_->find(tokens(128)).length(), 128);
  EXPECT_EQ(prefixes_->find(tokens(127)).length(), 64);
  EXPECT_EQ(prefixes_->find(tokens(63)).length(), 0);
  EXPECT_EQ(prefixes_->find({}).length(), 0);
}

TEST_F(PrefixTreeTest, TextsThatBeginAlikeShareTheirPages) {
  store(tokens(128));
  store(tokens(192));
  store(tokens(192, 70));
  EXPECT_EQ(states_->free_pages(), 10 - 3 - 2) << "they part in the second page";
  EXPECT_EQ(prefixes_->find(tokens(400)).length(), 192);
  EXPECT_EQ(prefixes_->find(tokens(400, 70)).length(), 192);
  EXPECT_EQ(prefixes_->find(tokens(400, 130)).length(), 128);
}

TEST_F(PrefixTreeTest, KeepsAPageOnceAlsoWhereTwoHaveComputedIt) {
  SequenceState first(*states_);
  SequenceState second(*states_);
  ASSERT_TRUE(first.extend(64).ok());
  ASSERT_TRUE(second.extend(64).ok());
  prefixes_->store(tokens(64), first);
  prefixes_->store(tokens(64), second);
  EXPECT_EQ(prefixes_->find(tokens(64)).pages()[0], first.pages()[0]);
}

TEST_F(PrefixTreeTest, FindsOnlyWhatIsKeptUnderTheSameKey) {
  store(tokens(192), "one");
  EXPECT_EQ(prefixes_->find(tokens(192), "two").length(), 0);
  EXPECT_EQ(prefixes_->find(tokens(192)).length(), 0);
  store(tokens(128), "two");
  store(tokens(64));
  EXPECT_EQ(states_->free_pages(), 10 - 3 - 2 - 1) << "each has pages of its own";
  EXPECT_EQ(prefixes_->find(tokens(192), "one").length(), 192);
  EXPECT_EQ(prefixes_->find(tokens(192), "two").length(), 128);
  EXPECT_EQ(prefixes_->find(tokens(192)).length(), 64);
  ASSERT_EQ(prefixes_->texts().size(), 1U);
  EXPECT_EQ(prefixes_->texts().front().tokens.size(), 64U);
}

TEST_F(PrefixTreeTest, EvictsWhatIsUnusedForLongestUnderWhicheverKey) {
  store(tokens(64), "one");
  store(tokens(64), "two");
  EXPECT_TRUE(prefixes_->evict_oldest());
  EXPECT_EQ(prefixes_->find(tokens(64), "one").length(), 0);
  EXPECT_EQ(prefixes_->find(tokens(64), "two").length(), 64);
}

TEST_F(PrefixTreeTest, EvictsTheEndOfTheTextUnusedForLongest) {
  store(tokens(128));
  store(tokens(128, 0));
  EXPECT_EQ(prefixes_->find(tokens(64)).length(), 64);  // the beginning of the older one is used again
  EXPECT_TRUE(prefixes_->evict_oldest());
  EXPECT_EQ(prefixes_->find(tokens(128)).length(), 64);
  EXPECT_TRUE(prefixes_->evict_oldest());
  EXPECT_TRUE(prefixes_->evict_oldest());
  EXPECT_EQ(prefixes_->find(tokens(128, 0)).length(), 0);
  EXPECT_EQ(prefixes_->find(tokens(128)).length(), 64);
  EXPECT_TRUE(prefixes_->evict_oldest());
  EXPECT_FALSE(prefixes_->evict_oldest());
  EXPECT_EQ(states_->free_pages(), 10);
}

TEST_F(PrefixTreeTest, KeepsWhatARunningSequenceHas) {
  store(tokens(192));
  {
    const SequenceState shared = prefixes_->find(tokens(128));
    EXPECT_TRUE(prefixes_->evict_oldest());
    EXPECT_FALSE(prefixes_->evict_oldest()) << "giving these back would free no page";
    EXPECT_EQ(states_->free_pages(), 8);
  }
  EXPECT_TRUE(prefixes_->evict_oldest());
}

TEST_F(PrefixTreeTest, GivesBackAPageBehindWhichARunningSequenceGoesOn) {
  store(tokens(64));
  SequenceState running(*states_);  // that has computed the same page for itself
  ASSERT_TRUE(running.extend(128).ok());
  prefixes_->store(tokens(128), running);
  EXPECT_EQ(states_->free_pages(), 10 - 3);
  while (prefixes_->evict_oldest()) {
  }
  EXPECT_EQ(states_->free_pages(), 10 - 2);
}

/// Of a network with a state of one size in `slots` slots.
class PrefixTreeOfSlots : public PrefixTreeTest {
 protected:
  PrefixTreeOfSlots() { make(4); }
  void make(int32_t slots) {
    StatePlan plan;
    plan.add_kv({1, 4, 4});
    plan.add_slot(sizeof(float));
    prefixes_.reset();
    states_ = testing::expect_value(
        StateStore::create(*backend_, plan, 10 * kPagePositions, BlockType::kF32, slots));
    prefixes_ = std::make_unique<PrefixTree>(*states_);
  }
  /// Goes on to `length` and is stored there.
  void go_on(SequenceState& sequence, int32_t length, const std::vector<TokenId>& ids,
             int32_t read = INT32_MAX) {
    ASSERT_TRUE(sequence.extend(length - sequence.length()).ok());
    prefixes_->store(ids, sequence, "", read);
  }
};

TEST_F(PrefixTreeOfSlots, ATextGoesOnFromWhereItWasStoredOnly) {
  {
    SequenceState sequence(*states_);
    go_on(sequence, 64, tokens(64));
    go_on(sequence, 164, tokens(164));
  }
  EXPECT_EQ(states_->free_slots(), 3);
  EXPECT_EQ(prefixes_->find(tokens(164)).length(), 64);
  EXPECT_EQ(prefixes_->known(tokens(164)), 128) << "where the next one should be stored";
  EXPECT_EQ(prefixes_->text(tokens(164)).tokens.size(), 64U);
  EXPECT_EQ(prefixes_->texts().front().pages.size(), 1U);
  EXPECT_TRUE(prefixes_->evict_oldest());
  EXPECT_EQ(prefixes_->known(tokens(164)), 64);
  EXPECT_EQ(states_->free_slots(), 3);
  EXPECT_TRUE(prefixes_->evict_oldest());
  EXPECT_EQ(states_->free_slots(), 4);
  EXPECT_EQ(states_->free_pages(), 10);
}

TEST_F(PrefixTreeOfSlots, APageOfAnotherTextGetsItsSlotWhenOneIsStoredThere) {
  {
    SequenceState sequence(*states_);
    go_on(sequence, 130, tokens(130));
  }
  EXPECT_EQ(prefixes_->find(tokens(130)).length(), 0);
  SequenceState sequence(*states_);
  go_on(sequence, 128, tokens(128));
  EXPECT_EQ(prefixes_->find(tokens(130)).length(), 128);
}

TEST_F(PrefixTreeOfSlots, TheSlotUnusedForLongestMakesRoom) {
  make(2);
  for (const int32_t same : {0, 10, 20}) {  // three texts that differ from the first page on
    SequenceState sequence(*states_);
    go_on(sequence, 64, tokens(64, same));
  }
  EXPECT_EQ(prefixes_->slot_count(), 1) << "the sequence had the other";
  EXPECT_EQ(prefixes_->find(tokens(100, 20)).length(), 64);
  EXPECT_EQ(prefixes_->find(tokens(100, 10)).length(), 0);
  EXPECT_EQ(prefixes_->known(tokens(100, 10)), 64);
  SequenceState first = prefixes_->find(tokens(100, 20));
  EXPECT_EQ(prefixes_->find(tokens(100, 20)).length(), 0) << "its slot is the last that could be given";
  EXPECT_TRUE(prefixes_->free_slot());
  SequenceState second(*states_);
  EXPECT_TRUE(second.extend(1).ok());
  EXPECT_FALSE(prefixes_->free_slot());
}

TEST_F(PrefixTreeOfSlots, AnAnswerKeepsTheSlotOfItsEndAlone) {
  make(8);
  SequenceState sequence(*states_);
  go_on(sequence, 64, tokens(64), 64);
  for (const int32_t length : {128, 192, 256}) go_on(sequence, length, tokens(length), 64);
  EXPECT_EQ(prefixes_->slot_count(), 2) << "of what was read, and of the end";
  EXPECT_EQ(prefixes_->find(tokens(256)).length(), 256);
  EXPECT_EQ(prefixes_->find(tokens(255)).length(), 64);
}

/// Whatever comes in whatever order: pages are neither lost nor given twice, and what is found is the text.
TEST_F(PrefixTreeTest, HoldsUnderRandomUse) {
  RandomStream random(5);
  const auto below = [&](int32_t most) { return static_cast<int32_t>(random.uniform() * most); };
  std::vector<SequenceState> running;
  for (int round = 0; round < 3000; ++round) {
    const std::vector<TokenId> text = tokens(1 + below(300), 64 * below(5) + below(2));
    SequenceState sequence = prefixes_->find(text);
    ASSERT_LE(sequence.length(), static_cast<int32_t>(text.size()));
    const int32_t missing = static_cast<int32_t>(text.size()) - sequence.length();
    while (!sequence.extend(missing).ok() && (prefixes_->evict_oldest() || !running.empty())) {
      if (!running.empty()) running.pop_back();
    }
    if (sequence.length() < static_cast<int32_t>(text.size())) continue;
    prefixes_->store(text, sequence);
    ASSERT_EQ(prefixes_->find(text).length(), sequence.length() / 64 * 64);
    if (below(3) == 0) running.push_back(std::move(sequence));
  }
  running.clear();
  while (prefixes_->evict_oldest()) {
  }
  EXPECT_EQ(states_->free_pages(), 10);
}

TEST_F(PrefixTreeTest, GivesTheLongestBeginningOfOneText) {
  store(tokens(192));
  store(tokens(192, 70));
  EXPECT_EQ(prefixes_->text(tokens(400)).tokens, tokens(192));
  EXPECT_EQ(prefixes_->text(tokens(400, 100)).tokens, tokens(64));
  EXPECT_EQ(prefixes_->text(tokens(400)).pages.size(), 3U);
  EXPECT_TRUE(prefixes_->text(tokens(400), "key").tokens.empty());
}

TEST_F(PrefixTreeTest, ForgetsATextButWhatOthersBeginWith) {
  store(tokens(192));
  store(tokens(192, 70));
  store(tokens(128), "key");
  prefixes_->forget(tokens(300));
  EXPECT_EQ(prefixes_->find(tokens(300)).length(), 64);
  EXPECT_EQ(prefixes_->find(tokens(300, 70)).length(), 192);
  EXPECT_EQ(prefixes_->find(tokens(300), "key").length(), 128);
  prefixes_->forget(tokens(300, 70));
  prefixes_->forget(tokens(300), "key");
  prefixes_->forget(tokens(300));
  EXPECT_EQ(states_->free_pages(), 10);
}

}  // namespace
}  // namespace hearth
