// Mixtures of experts: every device's beside the reference device's, which leaves activations as they are.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "engine/compute/backend_testing.h"
#include "engine/format/dequantize.h"

namespace hearth {
namespace {

/// Random experts, rows of kWidth that 8 bits hold, and what a router makes of them.
struct ExpertLayer {
  static constexpr int64_t kWidth = 64;

  ExpertLayer(const ExpertParameters& p, BlockType type, int64_t rows)
      : parameters(p),
        x(exact_values(rows, kWidth, 1)),
        logits(random_values(rows, p.count, 2, 1.5F)),
        gate(blocks_of(type, random_values(p.count * p.n_ff, kWidth, 3, 0.15F))),
        up(blocks_of(type, random_values(p.count * p.n_ff, kWidth, 4, 0.15F))),
        down(blocks_of(type, random_values(p.count * kWidth, p.n_ff, 5, 0.15F))) {}

  std::vector<float> run_on(DeviceRun& run) const {
    const Tensor out = run.tensor(x.rows, kWidth);
    const Weight gates = gated ? run.weight(gate) : Weight{};
    ExpertWeights weights{
        {gates, parameters.n_ff}, {run.weight(up), parameters.n_ff}, {run.weight(down), kWidth}, {}};
    if (change) change(run, weights);
    run.device.experts(parameters, weights, run.tensor(logits), run.tensor(x), out);
    return run.read(out);
  }

  /// What any expert's `down` may be given.
  std::vector<float> hidden(DeviceRun& run) const {
    const Tensor out = run.tensor(x.rows, parameters.count * parameters.n_ff);
    if (gated) {
      run.device.gated_linear(run.tensor(x), run.weight(gate), run.weight(up), parameters.activation, out);
    } else {
      const Projection projection{run.weight(up), {}, out};
      run.device.linear(run.tensor(x), {&projection, 1});
      run.device.activate(parameters.activation, out);
    }
    return run.read(out);
  }

  /// The largest sum of magnitudes of one output's weights in `down`.
  double largest_output_sum() const {
    std::vector<float> weights(static_cast<size_t>(down.rows * down.columns));
    dequantize(down.type, down.bytes, weights);
    double largest = 0.0;
    for (auto row = weights.begin(); row != weights.end(); row += down.columns) {
      const auto add = [](double sum, float weight) { return sum + std::abs(weight); };
      largest = std::max(largest, std::accumulate(row, row + down.columns, 0.0, add));
    }
    return largest;
  }

  ExpertParameters parameters;
  bool gated = true;
  Values x;
  Values logits;
  Blocks gate;
  Blocks up;
  Blocks down;
  std::function<void(DeviceRun&, ExpertWeights&)> change = {};
};

class BackendExperts : public ComparedWithReference {
 protected:
  /// What goes into `down` may be rounded to 8 bits, and GELU to halves one way or the other. The weights of
  /// the chosen sum to 1 at most, so their mix is off by no more than one of them.
  void expect_close(const ExpertLayer& layer) {
    SCOPED_TRACE(block_layout(layer.down.type).name);
    double largest = 0.0;
    for (const float value : on_reference([&](DeviceRun& run) { return layer.hidden(run); })) {
      largest = std::max(largest, std::abs(double{value}));
    }
    const double rounding = layer.down.type == BlockType::kF32 ? 0.0 : 0.5 / 127.0;
    const double halves = layer.parameters.activation == Activation::kGeluTanh ? 3.0 * kHalfStep : 0.0;
    const double bound = 5e-6 + (rounding + halves) * largest * layer.largest_output_sum();
    expect_within([&](DeviceRun& run) { return layer.run_on(run); },
                  std::vector<double>(layer.x.floats.size(), bound));
  }

  /// Of F32 weights; and what it gives is another thing than without what `alter` does.
  void expect_same_and_altered(const ExpertParameters& parameters,
                               const std::function<void(ExpertLayer&)>& alter) {
    const ExpertLayer plain(parameters, BlockType::kF32, 11);
    ExpertLayer altered = plain;
    alter(altered);
    const auto run = [&](DeviceRun& on) { return altered.run_on(on); };
    expect_same(run, 2e-5);
    const std::vector<float> before = on_reference([&](DeviceRun& on) { return plain.run_on(on); });
    const std::vector<float> after = on_reference(run);
    double difference = 0.0;
    for (size_t i = 0; i < before.size(); ++i) {
      difference = std::max(difference, std::abs(double{before[i]} - after[i]));
    }
    EXPECT_GT(difference, 0.01);
  }
};

TEST_P(BackendExperts, AreChosenAndMixed) {
  const ExpertParameters parameters{.count = 8, .used = 2, .n_ff = 64};
  expect_close({parameters, BlockType::kF32, 1});
  for (const BlockType type : {BlockType::kF32, BlockType::kQ8_0}) expect_close({parameters, type, 12});
}

TEST_P(BackendExperts, KeepTheirProbabilitiesWhereTheModelSaysSo) {
  ExpertParameters parameters{.count = 5, .used = 3, .n_ff = 32, .normalize_weights = false};
  for (const Activation activation : {Activation::kSilu, Activation::kGeluTanh}) {
    parameters.activation = activation;
    expect_close({parameters, BlockType::kF32, 5});
  }
}

TEST_P(BackendExperts, WorkWithoutGates) {
  ExpertParameters parameters{.count = 4, .used = 2, .n_ff = 32, .normalize_weights = false};
  for (const Activation activation : {Activation::kSilu, Activation::kGeluTanh}) {
    parameters.activation = activation;
    for (const BlockType type : {BlockType::kF32, BlockType::kQ8_0}) {
      ExpertLayer layer(parameters, type, 9);
      layer.gated = false;
      expect_close(layer);
    }
  }
}

TEST_P(BackendExperts, OfEqualOnesTheFirstAreChosen) {
  ExpertLayer layer({.count = 4, .used = 2, .n_ff = 32}, BlockType::kF32, 3);
  std::ranges::fill(layer.logits.floats, 0.5F);
  expect_close(layer);
}

TEST_P(BackendExperts, AreScoredAndWeighedAsTheModelSays) {
  const ExpertParameters parameters{.count = 12, .used = 3, .n_ff = 32};
  for (const ExpertGating gating : {ExpertGating::kSigmoid, ExpertGating::kSoftmaxOfChosen}) {
    for (const bool normalizes : {false, true}) {
      if (gating == ExpertGating::kSoftmaxOfChosen && normalizes) continue;  // the softmax sums to 1 already
      expect_same_and_altered(parameters, [=](ExpertLayer& layer) {
        layer.parameters.gating = gating;
        layer.parameters.normalize_weights = normalizes;
        layer.parameters.weight_scale = 1.7F;
      });
    }
  }
}

// Weights of about 1e-6 sum to less than the smallest normal half, by which they are divided then.
TEST_P(BackendExperts, WithNextToNoScoreWeighNextToNothing) {
  const ExpertParameters parameters{.count = 4, .used = 2, .n_ff = 32, .gating = ExpertGating::kSigmoid};
  expect_same_and_altered(parameters, [](ExpertLayer& layer) {
    for (float& logit : layer.logits.floats) logit -= 13.0F;
  });
}

TEST_P(BackendExperts, AreChosenByABiasThatDoesNotWeighThem) {
  const ExpertParameters parameters{.count = 8, .used = 2, .n_ff = 32, .gating = ExpertGating::kSigmoid};
  expect_same_and_altered(parameters, [](ExpertLayer& layer) {
    layer.change = [](DeviceRun& run, ExpertWeights& weights) {
      weights.selection_bias = run.vector(random_values(1, 8, 9, 0.6F));
    };
  });
}

TEST_P(BackendExperts, AreThoseOfTheBestGroups) {
  const ExpertParameters parameters{.count = 12, .used = 4, .n_ff = 32, .gating = ExpertGating::kSigmoid};
  for (const int32_t groups : {3, 4, 12}) {
    expect_same_and_altered(parameters, [=](ExpertLayer& layer) {
      layer.parameters.groups = groups;
      layer.parameters.groups_used = groups == 12 ? 5 : 2;
      layer.change = [](DeviceRun& run, ExpertWeights& weights) {
        weights.selection_bias = run.vector(random_values(1, 12, 9, 0.4F));
      };
    });
  }
}

TEST_P(BackendExperts, MayWeighWhatGoesIn) {
  const ExpertParameters parameters{
      .count = 4, .used = 2, .n_ff = 32, .gating = ExpertGating::kSigmoid, .normalize_weights = false};
  expect_same_and_altered(parameters, [](ExpertLayer& layer) { layer.parameters.weighs_inputs = true; });
}

TEST_P(BackendExperts, HaveBiasesAndScalesOfTheirOwn) {
  const ExpertParameters parameters{.count = 5, .used = 2, .n_ff = 40};
  for (const bool gated : {true, false}) {
    expect_same_and_altered(parameters, [=](ExpertLayer& layer) {
      layer.gated = gated;
      layer.change = [gated](DeviceRun& run, ExpertWeights& weights) {
        const auto add_to = [&](ExpertMatrices& matrices, int64_t rows, uint32_t seed) {
          matrices.bias = run.weight(blocks_of(BlockType::kF32, random_values(5, rows, seed, 0.5F)));
          matrices.scale = run.vector(random_values(1, 5, seed + 1));
        };
        if (gated) add_to(weights.gate, 40, 20);
        add_to(weights.up, 40, 30);
        add_to(weights.down, ExpertLayer::kWidth, 40);
      };
    });
  }
}

TEST_P(BackendExperts, MayHaveGateAndUpInOneMatrix) {
  const ExpertParameters parameters{.count = 6, .used = 2, .n_ff = 32};
  expect_same_and_altered(parameters, [](ExpertLayer& layer) {
    layer.change = [](DeviceRun& run, ExpertWeights& weights) {
      const Blocks both = blocks_of(BlockType::kF32, random_values(6 * 64, ExpertLayer::kWidth, 7, 0.15F));
      weights.gate = {run.weight(both), 64, 0};
      weights.up = weights.gate;
      weights.up.first_row = 32;
    };
  });
}

TEST_P(BackendExperts, MayShareMatrices) {
  const ExpertParameters parameters{.count = 9, .used = 4, .n_ff = 32};
  expect_same_and_altered(parameters, [](ExpertLayer& layer) { layer.parameters.sharing = 3; });
}

TEST_P(BackendExperts, HoldWhatTheyMultiplyWithinBounds) {
  const ExpertParameters parameters{.count = 4, .used = 2, .n_ff = 32};
  Activation limited = Activation::kSilu;
  limited.limit = 0.5F;
  for (const Activation& activation : {Activation::kClampedSwish, limited}) {
    expect_same_and_altered(parameters, [&](ExpertLayer& layer) {
      layer.parameters.activation = activation;
      for (float& value : layer.x.floats) value *= 8.0F;  // far enough for the bounds of gpt-oss
    });
  }
}

HEARTH_COMPARE_WITH_REFERENCE(BackendExperts);
HEARTH_COMPARE_GPU_WITH_REFERENCE(BackendExperts);

}  // namespace
}  // namespace hearth
