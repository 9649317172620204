#include "engine/runtime/saved_state.h"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <numeric>
#include <utility>
#include <vector>

#include "engine/base/random.h"
#include "engine/compute/devices.h"
#include "engine/runtime/test_model.h"
#include "engine/text/text_hash.h"

namespace hearth {
namespace {

constexpr uint64_t kModel = 42;

/// A cache and what is kept in it.
struct Memory {
  explicit Memory(int32_t pages, BlockType type = BlockType::kF32, int32_t layers = 2) {
    StatePlan plan;
    for (int32_t layer = 0; layer < layers; ++layer) plan.add_kv({2, 32, 32});
    backend = testing::expect_value(make_backend({"", 1, ""}));
    states = testing::expect_value(StateStore::create(*backend, plan, int64_t{pages} * kPagePositions, type));
    prefixes = std::make_unique<PrefixTree>(*states);
  }

  /// Keeps `count` tokens from `first` on, with keys and values that are their own.
  void keep(int32_t first, int32_t count) {
    std::vector<TokenId> tokens(static_cast<size_t>(count));
    std::iota(tokens.begin(), tokens.end(), first);
    SequenceState sequence(*states);
    ASSERT_TRUE(sequence.extend(count).ok());
    for (const int32_t page : sequence.pages()) {
      int32_t layer = 0;
      for (const KvPages& kv : states->all_kv()) {
        const std::vector<std::byte> bytes(kv.layout.page_bytes(), std::byte(first + page + layer++));
        backend->write(bytes, kv.memory.at(kv.layout.key_offset(page, 0)));
      }
    }
    prefixes->store(tokens, sequence);
  }

  /// Keeps a text that begins with `same` tokens of the one that `keep(first, ...)` kept, and goes on
  /// otherwise.
  void keep_branch(int32_t first, int32_t count, int32_t same) {
    std::vector<TokenId> tokens(static_cast<size_t>(count));
    std::iota(tokens.begin(), tokens.begin() + same, first);
    SequenceState sequence = prefixes->find(tokens);
    ASSERT_EQ(sequence.length(), same);
    ASSERT_TRUE(sequence.extend(count - same).ok());
    prefixes->store(tokens, sequence);
  }

  std::vector<std::byte> save() const {
    std::vector<std::byte> state(static_cast<size_t>(saved_state_size(*states, prefixes->texts())));
    EXPECT_TRUE(save_state(kModel, *states, prefixes->texts(), state).ok());
    return state;
  }

  Result<void> restore(std::span<const std::byte> state, uint64_t model = kModel) {
    return restore_state(model, state, *states, *prefixes);
  }

  std::unique_ptr<Backend> backend;
  std::unique_ptr<StateStore> states;
  std::unique_ptr<PrefixTree> prefixes;
};

TEST(SavedStateTest, ComesBackToTheBit) {
  Memory memory(10);
  memory.keep(0, 3 * kPagePositions);
  memory.keep(1000, 2 * kPagePositions);
  const std::vector<std::byte> state = memory.save();
  Memory other(10);
  ASSERT_TRUE(other.restore(state).ok());
  EXPECT_EQ(other.save(), state);
  EXPECT_EQ(other.states->free_pages(), 5);
  EXPECT_EQ(other.prefixes->texts().back().tokens.front(), 1000);
}

TEST(SavedStateTest, AnEmptyOneIsFine) {
  Memory memory(2);
  EXPECT_TRUE(memory.restore(memory.save()).ok());
  EXPECT_EQ(memory.states->free_pages(), 2);
}

TEST(SavedStateTest, WhatWasUsedLastStaysWhereRoomIsShort) {
  Memory memory(10);
  memory.keep(0, 3 * kPagePositions);
  memory.keep(1000, 2 * kPagePositions);
  Memory small(4);
  small.keep(5000, 2 * kPagePositions);
  ASSERT_TRUE(small.restore(memory.save()).ok());
  ASSERT_EQ(small.prefixes->texts().size(), 1U);
  EXPECT_EQ(small.prefixes->texts().front().tokens.front(), 1000);
  Memory tiny(1);
  EXPECT_TRUE(tiny.restore(memory.save()).ok());
  EXPECT_EQ(tiny.states->free_pages(), 1);
}

TEST(SavedStateTest, RefusesWhatIsNotItsOwn) {
  Memory memory(10);
  memory.keep(0, kPagePositions);
  const std::vector<std::byte> state = memory.save();
  EXPECT_EQ(Memory(10).restore(state, kModel + 1).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(Memory(10, BlockType::kF16).restore(state).error().code, ErrorCode::kInvalidArgument);
  EXPECT_EQ(Memory(10, BlockType::kF32, 3).restore(state).error().code, ErrorCode::kInvalidArgument);
}

TEST(SavedStateTest, RefusesDamagedBytesAndChangesNothing) {
  Memory memory(10);
  memory.keep(0, kPagePositions);
  const std::vector<std::byte> state = memory.save();
  Memory other(10);
  for (size_t size = 0; size < state.size(); size += size < 400 ? 1 : 997) {
    EXPECT_FALSE(other.restore(std::span(state).first(size)).ok()) << size;
  }
  RandomStream random(1);
  for (int round = 0; round < 2000; ++round) {
    auto damaged = state;
    const auto at = static_cast<size_t>(random.uniform() * (round % 2 == 0 ? 80.0 : double(state.size())));
    damaged[at] ^= std::byte{1} << (round / 2 % 8);
    EXPECT_FALSE(other.restore(damaged).ok()) << at;
  }
  EXPECT_EQ(other.states->free_pages(), 10);
}

/// Whoever computes the checksum anew still reaches no byte outside.
TEST(SavedStateTest, ChecksSizesAlsoBehindARightChecksum) {
  Memory memory(10);
  Memory empty(10);
  std::vector<std::byte> state = empty.save();
  for (const auto& [count, shared] : {std::pair{0U, 0U},
                                      {63U, 0U},
                                      {64U, 0U},
                                      {64U, 1U},
                                      {64U, 64U},
                                      {64U, 128U},
                                      {0xFFFFFFC0U, 0U},
                                      {0xFFFFFFC0U, 0xFFFFFF80U},
                                      {0xFFFFFFFFU, 0U}}) {
    // With one text, but only its numbers of tokens: made by saving nothing and claiming more.
    auto claimed = state;
    const std::array<uint32_t, 2> counts{count, shared};
    claimed.resize(state.size() + sizeof(counts));
    std::memcpy(claimed.data() + state.size(), counts.data(), sizeof(counts));
    const uint32_t texts = 1;
    std::memcpy(claimed.data() + 12, &texts, sizeof(texts));
    const uint64_t checksum = hash_text({reinterpret_cast<const char*>(counts.data()), sizeof(counts)}, 0);
    std::memcpy(claimed.data() + 24, &checksum, sizeof(checksum));
    EXPECT_EQ(memory.restore(claimed).error().code, ErrorCode::kInvalidArgument) << count;
  }
}

TEST(SavedStateTest, SavesAPageOnceThatTextsShare) {
  Memory memory(10);
  memory.keep(0, 2 * kPagePositions);
  const size_t one_text = memory.save().size();
  memory.keep_branch(0, 2 * kPagePositions, kPagePositions);
  const std::vector<std::byte> state = memory.save();
  EXPECT_LT(state.size(), 2 * one_text - kPagePositions * 1000);
  Memory other(10);
  ASSERT_TRUE(other.restore(state).ok());
  EXPECT_EQ(other.save(), state);
  EXPECT_EQ(other.states->free_pages(), 7) << "three pages, one of them shared";
  Memory small(2);
  ASSERT_TRUE(small.restore(state).ok());
  EXPECT_EQ(small.prefixes->texts().size(), 1U) << "room for the one used last";
}

/// A text that builds on pages that no text before it has is left out.
TEST(SavedStateTest, LeavesOutATextWhoseSharedPagesAreNotThere) {
  Memory memory(10);
  memory.keep(0, 2 * kPagePositions);
  std::vector<std::byte> state = memory.save();
  const size_t begin = Memory(10).save().size();
  const uint32_t shared = kPagePositions;
  std::memcpy(state.data() + begin + sizeof(uint32_t), &shared, sizeof(shared));
  state.resize(state.size() - (state.size() - begin - 8 - 2 * kPagePositions * 4) / 2);
  const uint64_t checksum =
      hash_text({reinterpret_cast<const char*>(state.data()) + begin, state.size() - begin}, 0);
  std::memcpy(state.data() + 24, &checksum, sizeof(checksum));
  Memory other(10);
  EXPECT_TRUE(other.restore(state).ok());
  EXPECT_TRUE(other.prefixes->texts().empty());
  EXPECT_EQ(other.states->free_pages(), 10);
}

}  // namespace
}  // namespace hearth
