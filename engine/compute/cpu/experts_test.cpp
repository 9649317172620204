#include "engine/compute/cpu/experts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/compute/cpu/linear.h"
#include "engine/compute/cpu/test_inputs.h"

namespace hearth::cpu {
namespace {

using testing::Floats;
using testing::InstructionSetTest;

constexpr int64_t kEmbd = 48;

/// A layer of F32 experts with random weights.
struct Layer {
  explicit Layer(ExpertParameters p)
      : parameters(p),
        router(p.count, kEmbd, 1, 0.3F),
        gate(p.count * p.n_ff, kEmbd, 2, 0.2F),
        up(p.count * p.n_ff, kEmbd, 3, 0.2F),
        down(p.count * kEmbd, p.n_ff, 4, 0.2F) {}

  static Weight weight(const Floats& floats) {
    return {BlockType::kF32, floats.shape.rows, floats.shape.columns, buffer_at(floats.values.data())};
  }
  ExpertWeights weights() const {
    return {{weight(gate), parameters.n_ff}, {weight(up), parameters.n_ff}, {weight(down), kEmbd}, {}};
  }

  std::vector<float> run(Context& context, Floats x) const {
    Floats logits(x.shape.rows, parameters.count);
    Floats out(x.shape.rows, kEmbd);
    const Projection projection{weight(router), {}, logits.tensor()};
    linear(context, x.tensor(), {&projection, 1});
    experts(context, parameters, weights(), logits.tensor(), x.tensor(), out.tensor());
    return out.values;
  }

  /// One row, by the definition, in double precision.
  std::vector<double> expect(const float* x) const;

  ExpertParameters parameters;
  Floats router;
  Floats gate;
  Floats up;
  Floats down;
};

std::vector<double> Layer::expect(const float* x) const {
  const auto dot = [](const float* a, const auto* b, int64_t count) {
    double sum = 0.0;
    for (int64_t i = 0; i < count; ++i) sum += static_cast<double>(a[i]) * b[i];
    return sum;
  };
  std::vector<double> scores;
  for (int64_t e = 0; e < parameters.count; ++e)
    scores.push_back(std::exp(dot(&router.values[static_cast<size_t>(e * kEmbd)], x, kEmbd)));
  std::vector<int64_t> order(scores.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, [&](int64_t a, int64_t b) {
    return scores[static_cast<size_t>(a)] > scores[static_cast<size_t>(b)];
  });
  order.resize(static_cast<size_t>(parameters.used));
  double all = 0.0;
  double chosen = 0.0;
  for (const double score : scores) all += score;
  for (const int64_t e : order) chosen += scores[static_cast<size_t>(e)];

  std::vector<double> out(kEmbd, 0.0);
  for (const int64_t e : order) {
    std::vector<double> hidden;
    for (int64_t j = 0; j < parameters.n_ff; ++j) {
      const auto row = static_cast<size_t>((e * parameters.n_ff + j) * kEmbd);
      const double a = dot(&gate.values[row], x, kEmbd);
      hidden.push_back(a / (1.0 + std::exp(-a)) * dot(&up.values[row], x, kEmbd));
    }
    const double share = scores[static_cast<size_t>(e)] / (parameters.normalize_weights ? chosen : all);
    for (int64_t j = 0; j < kEmbd; ++j) {
      const auto row = static_cast<size_t>((e * kEmbd + j) * parameters.n_ff);
      out[static_cast<size_t>(j)] += share * dot(&down.values[row], hidden.data(), parameters.n_ff);
    }
  }
  return out;
}

class ExpertsTest : public InstructionSetTest {
 protected:
  void expect_close(const ExpertParameters& parameters, int64_t rows) {
    const Layer layer(parameters);
    const Floats x(rows, kEmbd, 5);
    const std::vector<float> out = layer.run(*context(2), x);
    for (int64_t r = 0; r < rows; ++r) {
      const std::vector<double> expected = layer.expect(&x.values[static_cast<size_t>(r * kEmbd)]);
      for (size_t j = 0; j < expected.size(); ++j) {
        EXPECT_NEAR(out[static_cast<size_t>(r * kEmbd) + j], expected[j], 1e-5) << "row " << r;
      }
    }
  }
};

TEST_P(ExpertsTest, MixTheBestOfManyAsTheDefinitionSays) {
  for (const int64_t rows : {1, 2, 50}) expect_close({.count = 8, .used = 2, .n_ff = 40}, rows);
}

TEST_P(ExpertsTest, MayAllBeUsed) { expect_close({.count = 3, .used = 3, .n_ff = 17}, 5); }

TEST_P(ExpertsTest, KeepProbabilitiesAsTheyAreWhereTheModelSaysSo) {
  expect_close({.count = 16, .used = 4, .n_ff = 24, .normalize_weights = false}, 20);
}

TEST_P(ExpertsTest, OfEquallyGoodOnesTheFirstAreChosen) {
  Layer layer({.count = 5, .used = 2, .n_ff = 8});
  // The last three are equal and better than the first two.
  for (size_t i = 0; i < layer.router.values.size(); ++i)
    layer.router.values[i] = i < 2 * kEmbd ? -1.0F : 1.0F;
  Floats x(1, kEmbd, 6);
  for (float& value : x.values) value = std::abs(value);
  const std::vector<float> out = layer.run(*context(1), x);
  // What the last expert's weights are makes no difference then; what the third's are does.
  const auto change = [&](int64_t expert) {
    Layer changed = layer;
    for (int64_t i = 0; i < kEmbd * 8; ++i)
      changed.down.values[static_cast<size_t>(expert * kEmbd * 8 + i)] += 1.0F;
    return changed.run(*context(1), x);
  };
  EXPECT_EQ(change(4), out);
  EXPECT_NE(change(3), out);
  EXPECT_NE(change(2), out);
}

TEST_P(ExpertsTest, NoBitDependsOnThreadsOrBatch) {
  const Layer layer({.count = 6, .used = 2, .n_ff = 100});
  const Floats x(30, kEmbd, 7);
  const std::vector<float> expected = layer.run(*context(1), x);
  for (const int threads : {1, 2, 3}) {
    const auto context = this->context(threads);
    EXPECT_EQ(layer.run(*context, x), expected);
    for (int64_t r = 0; r < 30; ++r) {
      Floats row(1, kEmbd);
      std::copy_n(x.values.begin() + r * kEmbd, kEmbd, row.values.begin());
      const std::vector<float> alone = layer.run(*context, row);
      EXPECT_TRUE(
          std::ranges::equal(alone, std::span(expected).subspan(static_cast<size_t>(r * kEmbd), kEmbd)));
    }
  }
}

HEARTH_TEST_INSTRUCTION_SETS(ExpertsTest);

}  // namespace
}  // namespace hearth::cpu
