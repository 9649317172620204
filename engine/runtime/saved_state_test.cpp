#include "engine/runtime/saved_state.h"

#include <gtest/gtest.h>

#include <cstring>
#include <numeric>
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
    prefixes = std::make_unique<PrefixCache>(*states);
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

  std::vector<std::byte> save() const {
    std::vector<std::byte> state(static_cast<size_t>(saved_state_size(*states, *prefixes)));
    EXPECT_TRUE(save_state(kModel, *states, *prefixes, state).ok());
    return state;
  }

  Result<void> restore(std::span<const std::byte> state, uint64_t model = kModel) {
    return restore_state(model, state, *states, *prefixes);
  }

  std::unique_ptr<Backend> backend;
  std::unique_ptr<StateStore> states;
  std::unique_ptr<PrefixCache> prefixes;
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
  EXPECT_EQ(other.prefixes->entries().back().tokens.front(), 1000);
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
  ASSERT_EQ(small.prefixes->entries().size(), 1U);
  EXPECT_EQ(small.prefixes->entries().front().tokens.front(), 1000);
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
  for (const uint32_t count : {0U, 63U, 64U, 0xFFFFFFC0U, 0xFFFFFFFFU}) {
    // With one entry, but only its number of tokens: made by saving nothing and claiming more.
    auto claimed = state;
    claimed.resize(state.size() + sizeof(count));
    std::memcpy(claimed.data() + state.size(), &count, sizeof(count));
    const uint32_t entries = 1;
    std::memcpy(claimed.data() + 12, &entries, sizeof(entries));
    const uint64_t checksum = hash_text({reinterpret_cast<const char*>(&count), sizeof(count)}, 0);
    std::memcpy(claimed.data() + 24, &checksum, sizeof(checksum));
    EXPECT_EQ(memory.restore(claimed).error().code, ErrorCode::kInvalidArgument) << count;
  }
}

}  // namespace
}  // namespace hearth
