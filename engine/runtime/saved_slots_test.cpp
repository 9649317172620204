// Saved states of networks with states of one size.
#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <numeric>
#include <utility>
#include <vector>

#include "engine/compute/devices.h"
#include "engine/runtime/saved_state.h"
#include "engine/runtime/test_model.h"
#include "engine/text/text_hash.h"

namespace hearth {
namespace {

/// Keys and values, if any, and slots of one number, with what is kept in them.
struct SlotMemory {
  explicit SlotMemory(int32_t slots, bool has_kv = true) {
    StatePlan plan;
    if (has_kv) plan.add_kv({2, 32, 32});
    plan.add_slot(sizeof(float));
    backend = testing::expect_value(make_backend({"", 1, ""}));
    states = testing::expect_value(
        StateStore::create(*backend, plan, 20 * kPagePositions, BlockType::kF32, slots));
    prefixes = std::make_unique<PrefixTree>(*states);
  }

  static std::vector<TokenId> text(int32_t first, int32_t pages) {
    std::vector<TokenId> tokens(static_cast<size_t>(pages * kPagePositions));
    std::iota(tokens.begin(), tokens.end(), first);
    return tokens;
  }

  /// Goes on to each of these numbers of pages, and is kept there with what it remembers: a number for each.
  void keep(const std::vector<TokenId>& tokens, const std::vector<std::pair<int32_t, float>>& stops) {
    SequenceState sequence = prefixes->find(tokens);
    for (const auto& [pages, number] : stops) {
      prefixes->free_slot();
      ASSERT_TRUE(sequence.extend(pages * kPagePositions - sequence.length()).ok());
      backend->write(std::as_bytes(std::span(&number, 1)), states->slots(0).of(sequence.slot()));
      prefixes->store(std::span(tokens).first(static_cast<size_t>(sequence.length())), sequence);
    }
  }

  /// The pages that a text is found in, and the number that is remembered at their end.
  std::pair<int32_t, float> find(const std::vector<TokenId>& tokens) {
    const SequenceState sequence = prefixes->find(tokens);
    if (sequence.length() == 0) return {0, 0.0F};
    float number = 0.0F;
    backend->begin_read(states->slots(0).of(sequence.slot()), std::as_writable_bytes(std::span(&number, 1)));
    return {sequence.length() / kPagePositions, number};
  }

  std::vector<std::byte> save() const {
    std::vector<std::byte> state(static_cast<size_t>(saved_state_size(*states, prefixes->texts())));
    EXPECT_TRUE(save_state(1, *states, prefixes->texts(), state).ok());
    return state;
  }
  Result<void> restore(std::span<const std::byte> state) {
    return restore_state(1, state, *states, *prefixes);
  }

  std::unique_ptr<Backend> backend;
  std::unique_ptr<StateStore> states;
  std::unique_ptr<PrefixTree> prefixes;
};

using Found = std::pair<int32_t, float>;

TEST(SavedSlotsTest, ATextGoesOnFromWhereverItDidBefore) {
  for (const bool has_kv : {true, false}) {
    SlotMemory memory(6, has_kv);
    memory.keep(SlotMemory::text(0, 5), {{2, 2.0F}, {4, 4.0F}, {5, 5.0F}});
    SlotMemory other(6, has_kv);
    ASSERT_TRUE(other.restore(memory.save()).ok());
    EXPECT_EQ(other.save(), memory.save());
    EXPECT_EQ(other.find(SlotMemory::text(0, 6)), Found(5, 5.0F));
    EXPECT_EQ(other.find(SlotMemory::text(0, 4)), Found(4, 4.0F));
    EXPECT_EQ(other.find(SlotMemory::text(0, 3)), Found(2, 2.0F));
    EXPECT_EQ(other.find(SlotMemory::text(0, 1)), Found(0, 0.0F));
  }
}

TEST(SavedSlotsTest, PagesBehindWhichNothingGoesOnAreLeftOut) {
  SlotMemory memory(6);
  memory.keep(SlotMemory::text(0, 2), {{2, 2.0F}});
  const std::vector<std::byte> state = memory.save();
  {
    SequenceState sequence = memory.prefixes->find(SlotMemory::text(0, 3));
    ASSERT_TRUE(sequence.extend(kPagePositions + 1).ok());
    memory.prefixes->store(SlotMemory::text(0, 4), sequence);
  }
  EXPECT_EQ(memory.prefixes->known(SlotMemory::text(0, 4)), 3 * kPagePositions);
  EXPECT_EQ(memory.save(), state);
}

TEST(SavedSlotsTest, TextsThatAreAlikeBeyondWhereTheyCanGoOnComeBackEach) {
  SlotMemory memory(8);
  const std::vector<TokenId> one = SlotMemory::text(0, 4);
  std::vector<TokenId> other = one;
  for (size_t i = 3 * kPagePositions; i < other.size(); ++i) other[i] = 7;
  memory.keep(one, {{1, 1.0F}, {4, 4.0F}});
  memory.keep(other, {{4, 44.0F}});
  SlotMemory restored(8);
  ASSERT_TRUE(restored.restore(memory.save()).ok());
  EXPECT_EQ(restored.find(one), Found(4, 4.0F));
  EXPECT_EQ(restored.find(other), Found(4, 44.0F));
  EXPECT_EQ(restored.prefixes->slot_count(), 3);
}

TEST(SavedSlotsTest, WhatWasUsedLastStaysWhereSlotsAreFew) {
  SlotMemory memory(8);
  for (const int32_t first : {0, 1000, 2000}) {
    memory.keep(SlotMemory::text(first, 2), {{1, 1.0F}, {2, 2.0F}});
  }
  SlotMemory small(4);
  small.keep(SlotMemory::text(5000, 1), {{1, 9.0F}});
  ASSERT_TRUE(small.restore(memory.save()).ok());
  EXPECT_EQ(small.find(SlotMemory::text(2000, 2)), Found(2, 2.0F));
  EXPECT_EQ(small.find(SlotMemory::text(1000, 2)), Found(1, 1.0F)) << "one slot was left for it";
  EXPECT_EQ(small.find(SlotMemory::text(0, 2)), Found(0, 0.0F));
}

TEST(SavedSlotsTest, RefusesATextWithoutAStateOfItsEnd) {
  SlotMemory memory(4, false);
  memory.keep(SlotMemory::text(0, 1), {{1, 1.0F}});
  std::vector<std::byte> state = memory.save();
  const size_t header = SlotMemory(4, false).save().size();
  const size_t flag = header + 2 * sizeof(uint32_t) + kPagePositions * sizeof(TokenId);
  for (const uint32_t has_slot : {0U, 2U}) {
    std::vector<std::byte> claimed = state;
    std::memcpy(claimed.data() + flag, &has_slot, sizeof(has_slot));
    if (has_slot == 0) claimed.resize(flag + sizeof(has_slot));
    const uint64_t checksum =
        hash_text({reinterpret_cast<const char*>(claimed.data()) + header, claimed.size() - header}, 0);
    std::memcpy(claimed.data() + 24, &checksum, sizeof(checksum));
    SlotMemory other(4, false);
    EXPECT_EQ(other.restore(claimed).error().code, ErrorCode::kInvalidArgument) << has_slot;
    EXPECT_EQ(other.states->free_slots(), 4);
  }
}

}  // namespace
}  // namespace hearth
