// The block beside plain loops over the same weights: what of its wiring no peer computes.
#include "engine/model/blocks/experts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <string>

#include "engine/compute/backend_testing.h"

namespace hearth {
namespace {

using ::testing::FloatNear;
using ::testing::Pointwise;

constexpr int64_t kWidth = 8;
constexpr int64_t kHidden = 6;
constexpr int32_t kCount = 6;
constexpr int32_t kUsed = 3;
constexpr int64_t kRows = 5;

using Row = std::vector<double>;

/// Random weights for all that a block names, in a device's memory and here.
class PlacedTensors final : public TensorVisitor {
 public:
  explicit PlacedTensors(DeviceRun& run) : run_(run) { enter(0); }

  Row multiply(const Row& x, const std::string& name, int64_t first, int64_t count) const {
    const Values& matrix = values_.at("blk.0." + name + ".weight");
    Row products;
    for (int64_t row = first; row < first + count; ++row) {
      double sum = 0.0;
      for (size_t i = 0; i < x.size(); ++i) {
        sum += x[i] * matrix.floats[static_cast<size_t>(row * matrix.columns) + i];
      }
      products.push_back(sum);
    }
    return products;
  }
  /// A gated network whose matrices stand behind `index` others.
  Row gated(const Row& x, const std::string& suffix, int64_t hidden, int64_t index = 0) const {
    const Row gates = multiply(x, "ffn_gate" + suffix, index * hidden, hidden);
    Row inner = multiply(x, "ffn_up" + suffix, index * hidden, hidden);
    for (size_t i = 0; i < inner.size(); ++i) inner[i] *= gates[i] / (1.0 + std::exp(-gates[i]));
    return multiply(inner, "ffn_down" + suffix, index * kWidth, kWidth);
  }

 protected:
  bool in_file(const std::string& name) const override { return name.ends_with("ffn_gate_shexp.weight"); }
  void visit_matrix(const std::string& name, const std::vector<int64_t>& shape, Weight& weight) override {
    int64_t rows = 1;
    for (size_t i = 1; i < shape.size(); ++i) rows *= shape[i];
    const Values& values = place(name, rows, shape.front());
    weight = run_.weight(blocks_of(BlockType::kF32, values));
  }
  void visit_vector(const std::string& name, const std::vector<int64_t>& shape, Vector& vector) override {
    vector = run_.vector(place(name, 1, shape.front()));
  }
  void visit_floats(const std::string&, const std::vector<int64_t>&, std::vector<float>&) override {}

 private:
  const Values& place(const std::string& name, int64_t rows, int64_t columns) {
    const auto seed = static_cast<uint32_t>(values_.size() + 1);
    return values_.emplace(name, random_values(rows, columns, seed, 0.5F)).first->second;
  }

  DeviceRun& run_;
  std::map<std::string, Values> values_;
};

struct Chosen {
  int64_t expert;
  double weight;
};

/// The best by softmax, whose probabilities are scaled to sum to 1.
std::vector<Chosen> choose(const Row& logits) {
  std::vector<int64_t> order(logits.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(order, std::greater(), [&](int64_t i) { return logits[static_cast<size_t>(i)]; });
  std::vector<Chosen> chosen;
  double sum = 0.0;
  for (int32_t i = 0; i < kUsed; ++i) {
    const int64_t expert = order[static_cast<size_t>(i)];
    chosen.push_back({expert, std::exp(logits[static_cast<size_t>(expert)])});
    sum += chosen.back().weight;
  }
  for (Chosen& each : chosen) each.weight /= sum;
  return chosen;
}

void add(Row& to, const Row& from, double factor) {
  for (size_t i = 0; i < to.size(); ++i) to[i] += factor * from[i];
}

class ExpertsBlock : public ::testing::TestWithParam<const char*> {
 protected:
  /// What the block makes of random rows, of which `ahead` are those that it looks at first.
  void run(Block& block) {
    block.tensors(tensors_);
    const Buffer memory = run_.tensor(kRows, block.workspace_columns()).data;
    const Workspace workspace(memory, kRows);
    if (block.kept_columns() > 0) block.look_ahead(step_, workspace, run_.tensor(ahead_));
    const Tensor out = run_.tensor(kRows, kWidth);
    block.forward(step_, workspace, run_.tensor(x_), out);
    out_ = run_.read(out);
  }

  template <typename Expected>
  void expect_rows(const Expected& expected) {
    std::vector<float> all;
    for (int64_t r = 0; r < kRows; ++r) {
      for (const double value : expected(row_of(x_, r), row_of(ahead_, r))) {
        all.push_back(static_cast<float>(value));
      }
    }
    EXPECT_THAT(out_, Pointwise(FloatNear(1e-4F), all));
  }

  Row mixture(const Row& x, const Row& routed_by) const {
    Row sum(kWidth, 0.0);
    for (const auto& [expert, weight] : choose(tensors_.multiply(routed_by, "ffn_gate_inp", 0, kCount))) {
      add(sum, tensors_.gated(x, "_exps", kHidden, expert), weight);
    }
    return sum;
  }

  static Row row_of(const Values& values, int64_t row) {
    const auto first = values.floats.begin() + row * kWidth;
    return {first, first + kWidth};
  }
  static ExpertsSpec spec() {
    ExpertsSpec spec;
    spec.count = kCount;
    spec.used = kUsed;
    spec.n_ff = kHidden;
    return spec;
  }

  std::unique_ptr<Backend> device_ = device_of(GetParam());
  DeviceRun run_{*device_};
  PlacedTensors tensors_{run_};
  Values x_ = random_values(kRows, kWidth, 100);
  Values ahead_ = random_values(kRows, kWidth, 101);
  std::vector<float> out_;
  StatePlan plan_;
  BlockContext context_{kWidth, plan_};
  std::unique_ptr<WeightStore> weights_ = device_->make_weight_store({}).value();
  std::unique_ptr<StateStore> states_ = StateStore::create(*device_, plan_, 64, BlockType::kF32).value();
  RopeFactors factors_;
  RopeTables ropes_{factors_, 64};
  Batch batch_;
  Step step_{*device_, batch_, *weights_, *states_, ropes_};
};

// Wu et al. 2025: a smaller expert goes with each that is chosen of its group, reads what those read, and is
// weighed as they are; two of a group have it twice.
TEST_P(ExpertsBlock, AdjugatesReadWhatTheirExpertsRead) {
  constexpr int64_t kSmall = 4;
  constexpr int64_t kGroup = 2;
  ExpertsSpec grove = spec();
  grove.adjugates = AdjugatesSpec{kSmall, kGroup, 0.3F};
  Experts block(grove, context_);
  run(block);
  expect_rows([&](const Row& x, const Row&) {
    Row sum = mixture(x, x);
    for (const auto& [expert, weight] : choose(tensors_.multiply(x, "ffn_gate_inp", 0, kCount))) {
      add(sum, tensors_.gated(x, "_chexps", kSmall, expert / kGroup), 0.3 * weight);
    }
    return sum;
  });
}

TEST_P(ExpertsBlock, SharedExpertCountsAsMuchAsItsSigmoidSays) {
  ExpertsSpec with_shared = spec();
  with_shared.shared = SharedExpertSpec{.n_ff = 10, .has_gate = true, .sum_scale = 0.5F};
  Experts block(with_shared, context_);
  run(block);
  expect_rows([&](const Row& x, const Row&) {
    const double weigher = tensors_.multiply(x, "ffn_gate_inp_shexp", 0, 1).front();
    Row sum(kWidth, 0.0);
    add(sum, mixture(x, x), 0.5);
    add(sum, tensors_.gated(x, "_shexp", 10), 0.5 / (1.0 + std::exp(-weigher)));
    return sum;
  });
}

TEST_P(ExpertsBlock, RouterMayReadWhatEnteredTheLayer) {
  ExpertsSpec ahead = spec();
  ahead.routes_ahead = true;
  Experts block(ahead, context_);
  run(block);
  expect_rows([&](const Row& x, const Row& entered) { return mixture(x, entered); });
}

INSTANTIATE_TEST_SUITE_P(On, ExpertsBlock, ::testing::Values("cpu", "reference"),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace hearth
