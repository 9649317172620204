// Recurrences with a matrix as each head's state: every device's beside the reference device's, and the same
// bits however a text is cut and whatever else is in the batch.
#include <gtest/gtest.h>

#include <vector>

#include "engine/compute/backend_testing.h"

namespace hearth {
namespace {

constexpr int64_t kRows = 9;

/// Rows of two sequences, whose states are in slots 2 and 0 of three.
struct TwoSequences {
  std::vector<int32_t> sequences{0, 0, 1, 0, 1, 1, 0, 1, 1};
  std::vector<int32_t> slots{2, 0};

  BatchRows rows() const { return {.positions = {}, .sequences = sequences, .pages = {}, .slots = slots}; }
};

/// Runs a recurrence with states of `floats` numbers that are not zero; what it gave, and then the states.
std::vector<float> with_states(DeviceRun& run, int64_t floats, Tensor out,
                               const std::function<void(const SlotStates&)>& recurrence) {
  const Tensor memory = run.tensor(random_values(3, floats, 77, 0.3F));
  recurrence({memory.data, static_cast<uint64_t>(floats) * sizeof(float)});
  std::vector<float> results = run.read(out);
  const std::vector<float> states = run.read(memory);
  results.insert(results.end(), states.begin(), states.end());
  return results;
}

struct DeltaRuleCase {
  int64_t dimension;
  bool neighbours_share_keys;
  bool decay_of_each_dimension;
};

std::vector<float> run_delta_rule(DeviceRun& run, const DeltaRuleCase& of) {
  constexpr int32_t kHeads = 6;
  constexpr int32_t kKeyHeads = 3;
  const int64_t value_dimension = of.dimension + 5;
  const int64_t decays = of.decay_of_each_dimension ? kHeads * of.dimension : kHeads;
  const DeltaRule rule{.n_head = kHeads,
                       .n_head_key = kKeyHeads,
                       .neighbours_share_keys = of.neighbours_share_keys,
                       .key_dimension = of.dimension,
                       .value_dimension = value_dimension,
                       .epsilon = 1e-6F,
                       .decay_bias = run.vector(random_values(1, decays, 1)),
                       .decay_rate = run.vector({1, kHeads, {-0.1F, -0.5F, -1.0F, -2.0F, -4.0F, -16.0F}})};
  Values strength = random_values(kRows, kHeads, 6);
  for (float& value : strength.floats) value = std::abs(value) / 4.0F;
  const DeltaRuleInputs inputs{.q = run.tensor(random_values(kRows, kKeyHeads * of.dimension, 2)),
                               .k = run.tensor(random_values(kRows, kKeyHeads * of.dimension, 3)),
                               .v = run.tensor(random_values(kRows, kHeads * value_dimension, 4)),
                               .decay = run.tensor(random_values(kRows, decays, 5, 3.0F)),
                               .strength = run.tensor(strength)};
  const Tensor out = run.tensor(kRows, kHeads * value_dimension);
  return with_states(run, kHeads * of.dimension * value_dimension, out, [&](const SlotStates& states) {
    run.device.delta_rule(rule, states, TwoSequences().rows(), inputs, out);
  });
}

GroupNorm norm_of(DeviceRun& run, int64_t width) {
  return {run.vector(random_values(1, width, 11)), run.vector(random_values(1, width, 12)), 64e-5F};
}

std::vector<float> run_wkv6(DeviceRun& run, int64_t dimension, bool has_bonus) {
  constexpr int32_t kHeads = 4;
  constexpr int32_t kHeadsKv = 2;
  const int64_t width = kHeads * dimension;
  const Wkv6 rule{.n_head = kHeads,
                  .n_head_kv = kHeadsKv,
                  .head_dimension = dimension,
                  .bonus = has_bonus ? run.vector(random_values(1, width, 1)) : Vector(),
                  .norm = has_bonus ? norm_of(run, width) : GroupNorm()};
  const Wkv6Inputs inputs{.r = run.tensor(random_values(kRows, width, 2)),
                          .k = run.tensor(random_values(kRows, kHeadsKv * dimension, 3)),
                          .v = run.tensor(random_values(kRows, kHeadsKv * dimension, 4)),
                          .decay = run.tensor(random_values(kRows, width, 5, 2.0F))};
  const Tensor out = run.tensor(kRows, width);
  return with_states(run, width * dimension, out, [&](const SlotStates& states) {
    run.device.wkv6(rule, states, TwoSequences().rows(), inputs, out);
  });
}

std::vector<float> run_wkv7(DeviceRun& run, int64_t dimension, bool has_norm) {
  constexpr int32_t kHeads = 3;
  const int64_t width = kHeads * dimension;
  const Wkv7 rule{.n_head = kHeads,
                  .head_dimension = dimension,
                  .removal_key = run.vector(random_values(1, width, 1)),
                  .replacement_key = run.vector(random_values(1, width, 2)),
                  .bonus = run.vector(random_values(1, width, 3)),
                  .norm = has_norm ? norm_of(run, width) : GroupNorm()};
  Values a = random_values(kRows, width, 8);
  for (float& value : a.floats) value = 1.0F / (1.0F + std::exp(-value));
  const Wkv7Inputs inputs{.r = run.tensor(random_values(kRows, width, 4)),
                          .k = run.tensor(random_values(kRows, width, 5)),
                          .v = run.tensor(random_values(kRows, width, 6)),
                          .decay = run.tensor(random_values(kRows, width, 7, 3.0F)),
                          .a = run.tensor(a)};
  const Tensor out = run.tensor(kRows, width);
  return with_states(run, width * dimension, out, [&](const SlotStates& states) {
    run.device.wkv7(rule, states, TwoSequences().rows(), inputs, out);
  });
}

class BackendLinearAttention : public ComparedWithReference {};

TEST_P(BackendLinearAttention, DeltaRuleOfEveryKindOfDecayAndSharingOfKeys) {
  for (const int64_t dimension : {1, 24, 64, 100}) {
    for (const bool neighbours : {false, true}) {
      for (const bool each_dimension : {false, true}) {
        SCOPED_TRACE(dimension);
        expect_same(
            [&](DeviceRun& run) {
              return run_delta_rule(run, {dimension, neighbours, each_dimension});
            },
            2e-5);
      }
    }
  }
}

/// What one row of two heads gives for values of 1 whose queries and keys are the same: by the delta rule
/// from a state of zeros, |k|^2 / sqrt(key_dimension) of k as it is brought to length 1.
std::vector<float> run_delta_rule_of_short_keys(DeviceRun& run) {
  const DeltaRule rule{.n_head = 2,
                       .n_head_key = 2,
                       .key_dimension = 4,
                       .value_dimension = 1,
                       .epsilon = 0.04F,
                       .decay_bias = run.vector({1, 2, {0.0F, 0.0F}}),
                       .decay_rate = run.vector({1, 2, {-1.0F, -1.0F}})};
  const Tensor keys = run.tensor({1, 8, {0.1F, 0.1F, 0.1F, 0.1F, 0.3F, 0.3F, 0.3F, 0.3F}});
  const DeltaRuleInputs inputs{.q = keys,
                               .k = keys,
                               .v = run.tensor({1, 2, {1.0F, 1.0F}}),
                               .decay = run.tensor({1, 2, {0.0F, 0.0F}}),
                               .strength = run.tensor({1, 2, {1.0F, 1.0F}})};
  const Tensor state = run.tensor({1, 8, std::vector<float>(8, 0.0F)});
  const Tensor out = run.tensor(1, 2);
  const std::vector<int32_t> sequences{0};
  const std::vector<int32_t> slots{0};
  run.device.delta_rule(rule, {state.data, 8 * sizeof(float)},
                        {.positions = {}, .sequences = sequences, .pages = {}, .slots = slots}, inputs, out);
  return run.read(out);
}

TEST_P(BackendLinearAttention, DeltaRuleAddsEpsilonToTheSquaredLengthsOfQueriesAndKeys) {
  // Squares of 0.04 and 0.36, over those plus 0.04, halved by sqrt(4).
  expect_same(run_delta_rule_of_short_keys, 1e-6);
  const std::vector<float> out = on_reference(run_delta_rule_of_short_keys);
  EXPECT_NEAR(out[0], 0.25F, 1e-6F);
  EXPECT_NEAR(out[1], 0.45F, 1e-6F);
}

TEST_P(BackendLinearAttention, Wkv6WithItsBonusAndAsGatedLinearAttention) {
  for (const int64_t dimension : {3, 64, 80}) {
    for (const bool has_bonus : {false, true}) {
      SCOPED_TRACE(dimension);
      expect_same([&](DeviceRun& run) { return run_wkv6(run, dimension, has_bonus); }, 1e-4);
    }
  }
}

TEST_P(BackendLinearAttention, Wkv7WithAndWithoutANormOfItsHeads) {
  for (const int64_t dimension : {3, 64, 80}) {
    for (const bool has_norm : {false, true}) {
      SCOPED_TRACE(dimension);
      expect_same([&](DeviceRun& run) { return run_wkv7(run, dimension, has_norm); }, 1e-4);
    }
  }
}

TEST_P(BackendLinearAttention, ShiftGivesTheRowBefore) {
  const auto shift = [](DeviceRun& run) {
    const Tensor x = run.tensor(random_values(kRows, 37, 1));
    const Tensor out = run.tensor(kRows, 37);
    return with_states(run, 37, out, [&](const SlotStates& states) {
      run.device.shift(states, TwoSequences().rows(), x, out);
    });
  };
  expect_same(shift, 0.0);
}

TEST_P(BackendLinearAttention, BlendByAWeightAndByAmountsOfItsOwn) {
  for (const bool has_weight : {false, true}) {
    for (const bool has_amounts : {false, true}) {
      if (!has_weight && !has_amounts) continue;
      const auto blend = [&](DeviceRun& run) {
        const Tensor x = run.tensor(random_values(kRows, 37, 1));
        const Tensor y = run.tensor(random_values(kRows, 37, 2));
        const Blend by{.weight = has_weight ? run.vector(random_values(1, 37, 3)) : Vector(),
                       .amounts = has_amounts ? run.tensor(random_values(kRows, 37, 4)) : Tensor()};
        run.device.blend(x, y, by, x);
        return run.read(x);
      };
      expect_same(blend, 1e-6);
    }
  }
}

/// One sequence's rows in two batches give what they give in one.
TEST_P(BackendLinearAttention, NoCutOfATextChangesABit) {
  const auto run_in_parts = [](DeviceRun& run, int64_t cut) {
    constexpr int64_t kWidth = 2 * 70;
    const Wkv7 rule{.n_head = 2,
                    .head_dimension = 70,
                    .removal_key = run.vector(random_values(1, kWidth, 1)),
                    .replacement_key = run.vector(random_values(1, kWidth, 2)),
                    .bonus = run.vector(random_values(1, kWidth, 3)),
                    .norm = {}};
    std::vector<Tensor> all;
    for (uint32_t seed = 4; seed < 9; ++seed) all.push_back(run.tensor(random_values(kRows, kWidth, seed)));
    const Tensor out = run.tensor(kRows, kWidth);
    return with_states(run, kWidth * 70, out, [&](const SlotStates& states) {
      for (const auto& [first, count] : {std::pair(int64_t{0}, cut), std::pair(cut, kRows - cut)}) {
        const std::vector<int32_t> sequences(static_cast<size_t>(count), 0);
        const std::vector<int32_t> slots{1};
        const auto part = [first = first, count = count](Tensor x) { return x.slice_rows(first, count); };
        run.device.wkv7(rule, states, {.positions = {}, .sequences = sequences, .pages = {}, .slots = slots},
                        {part(all[0]), part(all[1]), part(all[2]), part(all[3]), part(all[4])}, part(out));
      }
    });
  };
  const auto in_parts = [&](int64_t cut) {
    return on_device([&](DeviceRun& run) { return run_in_parts(run, cut); });
  };
  const std::vector<float> whole = in_parts(0);
  for (const int64_t cut : {1, 4, 8}) EXPECT_EQ(in_parts(cut), whole) << cut;
}

HEARTH_COMPARE_WITH_REFERENCE(BackendLinearAttention);
HEARTH_COMPARE_GPU_WITH_REFERENCE(BackendLinearAttention);

}  // namespace
}  // namespace hearth
