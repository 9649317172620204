// Keys and values in the cache, and attention to them: every device's beside the reference device's.
#include <gtest/gtest.h>

#include <numeric>
#include <random>
#include <utility>
#include <vector>

#include "engine/compute/backend_testing.h"

namespace hearth {
namespace {

struct ListsCase {
  int32_t count = 0;  // of blocks in each; 0: every row sees all
  int32_t lists = 1;
  int32_t block = 1;
};

struct AttentionCase {
  std::vector<int32_t> lengths;
  BlockType type = BlockType::kF32;
  int32_t n_head = 4;
  int32_t n_head_kv = 2;
  int32_t key_dimension = 32;
  int32_t value_dimension = 32;
  float soft_cap = 0.0F;
  int32_t window = 0;
  bool causal = true;
  bool values_in_keys = false;
  std::vector<float> slopes = {};
  int32_t chunk = 0;
  std::vector<float> sinks = {};
  std::vector<float> distance_gains = {};
  SequencePart part = SequencePart::kAll;
  std::vector<int32_t> sources = {};
  ListsCase chosen = {};
  size_t rows_a_batch = 1'000'000;
  size_t first_asking = 0;  // the rows before this one are only stored
};

/// For each row lists of blocks, anywhere among those that it sees, its own the last.
Values some_blocks(const CachedRows& rows, const ListsCase& c) {
  Values chosen{static_cast<int64_t>(rows.positions.size()), int64_t{c.lists} * c.count, {}};
  std::mt19937 random(20261129);
  for (const int32_t position : rows.positions) {
    for (int32_t list = 0; list < c.lists; ++list) {
      std::vector<float> others(static_cast<size_t>(std::max(position / c.block, c.count - 1)));
      std::iota(others.begin(), others.end(), 0.0F);
      std::ranges::shuffle(others, random);
      std::ranges::sort(others.begin(), others.begin() + (c.count - 1));
      chosen.floats.insert(chosen.floats.end(), others.begin(), others.begin() + (c.count - 1));
      chosen.floats.push_back(static_cast<float>(position / c.block));
    }
  }
  return chosen;
}

/// Of all rows.
struct AttentionInputs {
  explicit AttentionInputs(const AttentionCase& c)
      : rows(CachedRows::of_lengths(c.lengths)),
        chosen(c.chosen.count > 0 ? some_blocks(rows, c.chosen) : Values{}),
        queries(random_values(count(), int64_t{c.n_head} * c.key_dimension, 1, 2.0F)),
        keys(random_values(count(), int64_t{c.n_head_kv} * c.key_dimension, 2)),
        values(random_values(count(), int64_t{c.n_head_kv} * c.value_dimension, 3)) {}

  int64_t count() const { return static_cast<int64_t>(rows.positions.size()); }

  CachedRows rows;
  Values chosen;
  Values queries;
  Values keys;
  Values values;
};

/// What the rows from `first_asking` see of a cache that was full of what is no number.
std::vector<float> run_attention(const AttentionCase& c, const AttentionInputs& inputs, DeviceRun& run) {
  const CachedRows& rows = inputs.rows;
  const std::vector<std::span<const int32_t>> pages(rows.pages.begin(), rows.pages.end());
  KvPages kv{{c.type, c.n_head_kv, c.key_dimension, c.value_dimension, rows.page_count(), c.values_in_keys},
             {}};
  kv.memory = run.bytes(std::vector<std::byte>(kv.layout.total_bytes(), std::byte{0xFF}));
  const Tensor q = run.tensor(inputs.queries);
  const Tensor k = run.tensor(inputs.keys);
  const Tensor v = c.values_in_keys ? Tensor{} : run.tensor(inputs.values);
  const Tensor out = run.tensor(inputs.count(), int64_t{c.n_head} * c.value_dimension);
  const float scale = 1.0F / std::sqrt(static_cast<float>(c.key_dimension));
  AttentionParameters parameters{
      c.n_head, scale,    c.soft_cap, c.window,
      c.causal, c.slopes, c.chunk,    c.sinks.empty() ? Vector() : run.vector({1, c.n_head, c.sinks})};
  parameters.distance_gains = c.distance_gains;
  parameters.part = c.part;
  const Tensor chosen = c.chosen.count > 0 ? run.tensor(inputs.chosen) : Tensor{};

  const auto rows_of = [&](size_t first, size_t end) {
    return BatchRows{std::span(rows.positions).subspan(first, end - first),
                     std::span(rows.sequences).subspan(first, end - first),
                     pages,
                     {},
                     c.sources};
  };
  const auto slice = [](Tensor x, size_t first, size_t end) {
    return x.slice_rows(static_cast<int64_t>(first), static_cast<int64_t>(end - first));
  };
  size_t first = 0;
  if (c.first_asking > 0) {
    run.device.append_kv(kv, rows_of(0, c.first_asking), slice(k, 0, c.first_asking),
                         slice(v, 0, c.first_asking));
    first = c.first_asking;
  }
  for (size_t end = first; first < rows.positions.size(); first = end) {
    end = std::min(first + c.rows_a_batch, rows.positions.size());
    run.device.append_kv(kv, rows_of(first, end), slice(k, first, end), slice(v, first, end));
    parameters.chosen = {slice(chosen, first, end), c.chosen.lists, c.chosen.block};
    run.device.attend(parameters, kv, rows_of(first, end), slice(q, first, end), slice(out, first, end));
  }
  return run.read(slice(out, c.first_asking, rows.positions.size()));
}

class BackendAttention : public ComparedWithReference {
 protected:
  void expect_close(const AttentionCase& attention) {
    const AttentionInputs inputs(attention);
    expect_same([&](DeviceRun& run) { return run_attention(attention, inputs, run); }, 1e-5);
  }
};

TEST_P(BackendAttention, ReadsEveryTypeOfCache) {
  for (const BlockType type : {BlockType::kF32, BlockType::kF16, BlockType::kQ8_0, BlockType::kQ4_0}) {
    SCOPED_TRACE(block_layout(type).name);
    for (const size_t rows : {size_t{1'000'000}, size_t{9}}) {
      expect_close({.lengths = {70, 3},
                    .type = type,
                    .n_head = 2,
                    .n_head_kv = 1,
                    .key_dimension = 64,
                    .rows_a_batch = rows});
    }
  }
}

TEST_P(BackendAttention, TakesHeadsOfAnySizeAndNumber) {
  expect_close({.lengths = {70}, .n_head = 6, .n_head_kv = 1, .key_dimension = 20, .value_dimension = 13});
  expect_close({.lengths = {70}, .type = BlockType::kF16, .n_head = 3, .n_head_kv = 3, .key_dimension = 80});
}

TEST_P(BackendAttention, CapsScores) { expect_close({.lengths = {40, 70}, .soft_cap = 1.5F}); }

TEST_P(BackendAttention, SeesAWindow) {
  for (const int32_t window : {1, 10, 64, 500}) {
    SCOPED_TRACE(window);
    expect_close({.lengths = {140, 20}, .key_dimension = 16, .window = window, .rows_a_batch = 50});
  }
}

TEST_P(BackendAttention, SeesWhatComesLaterWhereItIsNotCausal) {
  for (const int32_t window : {0, 1, 30, 2'000'000'000}) {
    SCOPED_TRACE(window);
    expect_close({.lengths = {90, 5, 66},
                  .key_dimension = 16,
                  .window = window,
                  .causal = false,
                  .rows_a_batch = 100});
  }
}

TEST_P(BackendAttention, LowersScoresByDistance) {
  const std::vector<float> slopes{0.5F, 0.25F, 0.125F, 0.0625F};
  for (const bool causal : {true, false}) {
    expect_close({.lengths = {90, 5, 66}, .causal = causal, .slopes = slopes, .rows_a_batch = 100});
  }
  expect_close({.lengths = {600}, .type = BlockType::kF16, .slopes = slopes, .first_asking = 597});
}

TEST_P(BackendAttention, SeesItsOwnChunk) {
  for (const int32_t chunk : {1, 10, 64, 500}) {
    SCOPED_TRACE(chunk);
    expect_close({.lengths = {140, 20}, .key_dimension = 16, .chunk = chunk, .rows_a_batch = 50});
  }
}

/// Sinks that weigh much, little and nothing beside the keys.
TEST_P(BackendAttention, LeavesASharePerHeadToItsSink) {
  const std::vector<float> sinks{6.0F, 0.0F, -3.0F, -90.0F};
  for (const int32_t window : {0, 10}) {
    expect_close({.lengths = {70, 1, 40}, .window = window, .sinks = sinks, .rows_a_batch = 50});
  }
  expect_close({.lengths = {600}, .type = BlockType::kF16, .sinks = sinks, .first_asking = 597});
}

/// Latent attention: 576 and 512 dimensions, of which fewer say as much, for many heads.
TEST_P(BackendAttention, TakesValuesThatAreTheBeginningsOfKeys) {
  for (const BlockType type : {BlockType::kF32, BlockType::kF16, BlockType::kQ8_0, BlockType::kQ4_0}) {
    SCOPED_TRACE(block_layout(type).name);
    for (const size_t rows : {size_t{1'000'000}, size_t{9}}) {
      expect_close({.lengths = {70, 3},
                    .type = type,
                    .n_head = 5,
                    .n_head_kv = 1,
                    .key_dimension = 96,
                    .value_dimension = 64,
                    .values_in_keys = true,
                    .rows_a_batch = rows});
    }
  }
  // Heads that are cut into parts, slots that no row sees, and dimensions that are no multiple of 4.
  expect_close({.lengths = {20}, .n_head = 130, .n_head_kv = 1, .values_in_keys = true});
  expect_close({.lengths = {80},
                .type = BlockType::kF16,
                .n_head_kv = 2,
                .key_dimension = 21,
                .value_dimension = 13,
                .window = 10,
                .values_in_keys = true});
}

TEST_P(BackendAttention, CutsTheHeadsThatShareAKeyIntoParts) {
  std::vector<float> slopes, sinks;
  for (int i = 0; i < 142; ++i) {
    slopes.push_back(0.01F * static_cast<float>(i));
    sinks.push_back(0.1F * static_cast<float>(i % 7));
  }
  expect_close({.lengths = {90, 5},
                .n_head = 142,
                .n_head_kv = 2,
                .slopes = slopes,
                .sinks = sinks,
                .rows_a_batch = 60});
}

TEST_P(BackendAttention, RaisesScoresByATableOfDistances) {
  const auto gains = [](int32_t n_head) {  // up to 20 positions away
    std::vector<float> all;
    for (int32_t i = 0; i < n_head * 41; ++i) all.push_back(0.1F * static_cast<float>(i * 37 % 43));
    return all;
  };
  for (const bool causal : {true, false}) {
    expect_close({.lengths = {90, 5, 66}, .causal = causal, .distance_gains = gains(4), .rows_a_batch = 100});
  }
  expect_close({.lengths = {90}, .n_head = 142, .n_head_kv = 2, .distance_gains = gains(142)});
}

/// Only rows behind the sources ask: before the 200th are all of those.
TEST_P(BackendAttention, SeesTheSourceOrWhatComesBehindIt) {
  for (const SequencePart part : {SequencePart::kSource, SequencePart::kAnswer}) {
    expect_close({.lengths = {150, 40, 90},
                  .distance_gains = std::vector<float>(4 * 3, 0.5F),
                  .part = part,
                  .sources = {100, 1, 64},
                  .rows_a_batch = 60,
                  .first_asking = 230});
    expect_close({.lengths = {1'100},
                  .type = BlockType::kF16,
                  .part = part,
                  .sources = {1'000},
                  .first_asking = 1'095});
  }
}

/// More positions than are looked at by one thread, and few rows that ask.
TEST_P(BackendAttention, LooksFarBack) {
  for (const int32_t window : {0, 700}) {
    expect_close({.lengths = {1'100},
                  .type = BlockType::kF16,
                  .n_head = 2,
                  .n_head_kv = 1,
                  .key_dimension = 16,
                  .value_dimension = 16,
                  .window = window,
                  .first_asking = 1'097});
  }
}

TEST_P(BackendAttention, SeesTheChosenPositionsAlone) {
  for (const BlockType type : {BlockType::kF32, BlockType::kF16, BlockType::kQ8_0, BlockType::kQ4_0}) {
    SCOPED_TRACE(block_layout(type).name);
    for (const bool values_in_keys : {false, true}) {
      expect_close({.lengths = {150, 9, 100},
                    .type = type,
                    .n_head = 6,
                    .n_head_kv = values_in_keys ? 1 : 2,
                    .key_dimension = 64,
                    .values_in_keys = values_in_keys,
                    .chosen = {70},
                    .rows_a_batch = 100});
    }
  }
  expect_close({.lengths = {150, 9}, .key_dimension = 21, .value_dimension = 13, .chosen = {1}});
  expect_close({.lengths = {30}, .n_head = 130, .n_head_kv = 1, .values_in_keys = true, .chosen = {5}});
  expect_close({.lengths = {1'100}, .n_head = 2, .n_head_kv = 1, .chosen = {700}, .first_asking = 1'097});
  expect_close({.lengths = {150, 9}, .chosen = {.count = 3, .lists = 2, .block = 10}, .rows_a_batch = 60});
}

HEARTH_COMPARE_WITH_REFERENCE(BackendAttention);
HEARTH_COMPARE_GPU_WITH_REFERENCE(BackendAttention);

}  // namespace
}  // namespace hearth
