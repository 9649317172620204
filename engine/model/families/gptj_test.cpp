// GPT-J against what its authors publish, written out in plain loops: llama.cpp does not run it.
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <numeric>
#include <string>
#include <vector>

#include "engine/compute/devices.h"
#include "engine/format/model_file.h"
#include "engine/model/families/family.h"
#include "engine/model/forward.h"
#include "engine/model/weights.h"
#include "testing/synthetic/synthetic_model.h"

namespace hearth {
namespace {

using Row = std::vector<double>;
using Rows = std::vector<Row>;

ModelFile make_gptj() {
  GgufWriter writer;
  const TypeMix mix = std::move(find_type_mix("F32")).value();
  EXPECT_TRUE(add_synthetic_model(*find_synthetic_shape("tiny-gptj"), mix, 1, writer).ok());
  return std::move(ModelFile::open({own_memory(std::move(writer.write_to_memory()).value())})).value();
}

/// A model as its paper and code describe it: Wang & Komatsuzaki 2021, "GPT-J-6B".
class PlainGptJ {
 public:
  explicit PlainGptJ(const ModelFile& file) : file_(file) {}

  Rows logits(const std::vector<int32_t>& tokens) const {
    Rows x;
    for (const int32_t token : tokens) x.push_back(look_up(token));
    for (int layer = 0; layer < 2; ++layer) x = through_layer("blk." + std::to_string(layer) + ".", x);
    for (Row& row : x) row = linear("output", norm("output_norm", row), true);
    return x;
  }

 private:
  static constexpr size_t kHeads = 4;
  static constexpr size_t kHeadWidth = 64;
  static constexpr size_t kTurning = 32;

  std::vector<float> floats(const std::string& name) const {
    const TensorPlace place = file_.find_tensor(name);
    std::vector<float> values(place.tensor->bytes / sizeof(float));
    EXPECT_TRUE(
        place.part->source().read(place.tensor->offset, std::as_writable_bytes(std::span(values))).ok());
    return values;
  }

  Row look_up(int32_t token) const {
    const std::vector<float> table = floats("token_embd.weight");
    const auto width = static_cast<size_t>(file_.find_tensor("token_embd.weight").tensor->columns());
    const auto first = table.begin() + static_cast<ptrdiff_t>(static_cast<size_t>(token) * width);
    return {first, first + static_cast<ptrdiff_t>(width)};
  }

  Row linear(const std::string& name, const Row& x, bool has_bias) const {
    const std::vector<float> matrix = floats(name + ".weight");
    const std::vector<float> bias = has_bias ? floats(name + ".bias") : std::vector<float>{};
    Row y(matrix.size() / x.size());
    for (size_t row = 0; row < y.size(); ++row) {
      for (size_t column = 0; column < x.size(); ++column)
        y[row] += static_cast<double>(matrix[row * x.size() + column]) * x[column];
      if (has_bias) y[row] += static_cast<double>(bias[row]);
    }
    return y;
  }

  Row norm(const std::string& name, const Row& x) const {
    const std::vector<float> weight = floats(name + ".weight");
    const std::vector<float> bias = floats(name + ".bias");
    const auto size = static_cast<double>(x.size());
    const double mean = std::accumulate(x.begin(), x.end(), 0.0) / size;
    double variance = 0.0;
    for (const double value : x) variance += (value - mean) * (value - mean) / size;
    Row y(x.size());
    for (size_t i = 0; i < x.size(); ++i)
      y[i] = (x[i] - mean) / std::sqrt(variance + 1e-5) * static_cast<double>(weight[i]) +
             static_cast<double>(bias[i]);
    return y;
  }

  /// Neighbours turn together, in the first dimensions of each head.
  static Row turned(Row x, size_t position) {
    for (size_t head = 0; head < kHeads; ++head) {
      for (size_t i = 0; i < kTurning; i += 2) {
        const double frequency = std::pow(10000.0, -static_cast<double>(i) / kTurning);
        const double angle = static_cast<double>(position) * frequency;
        double& a = x[head * kHeadWidth + i];
        double& b = x[head * kHeadWidth + i + 1];
        const double turned_a = a * std::cos(angle) - b * std::sin(angle);
        b = b * std::cos(angle) + a * std::sin(angle);
        a = turned_a;
      }
    }
    return x;
  }

  static Row attend(const Row& q, const Rows& k, const Rows& v, size_t last) {
    Row heads(q.size());
    for (size_t head = 0; head < kHeads; ++head) {
      const size_t first = head * kHeadWidth;
      Row weights;
      for (size_t at = 0; at <= last; ++at) {
        double score = 0.0;
        for (size_t i = first; i < first + kHeadWidth; ++i) score += q[i] * k[at][i];
        weights.push_back(std::exp(score / std::sqrt(static_cast<double>(kHeadWidth))));
      }
      const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
      for (size_t at = 0; at <= last; ++at) {
        for (size_t i = first; i < first + kHeadWidth; ++i) heads[i] += weights[at] / sum * v[at][i];
      }
    }
    return heads;
  }

  Rows through_layer(const std::string& layer, Rows x) const {
    Rows q;
    Rows k;
    Rows v;
    Rows h;
    for (size_t at = 0; at < x.size(); ++at) {
      h.push_back(norm(layer + "attn_norm", x[at]));
      q.push_back(turned(linear(layer + "attn_q", h[at], false), at));
      k.push_back(turned(linear(layer + "attn_k", h[at], false), at));
      v.push_back(linear(layer + "attn_v", h[at], false));
    }
    for (size_t at = 0; at < x.size(); ++at) {
      const Row attended = linear(layer + "attn_output", attend(q[at], k, v, at), false);
      Row hidden = linear(layer + "ffn_up", h[at], true);
      for (double& z : hidden) {
        z = 0.5 * z * (1.0 + std::tanh(std::sqrt(2.0 / std::numbers::pi) * (z + 0.044715 * z * z * z)));
      }
      const Row fed = linear(layer + "ffn_down", hidden, true);
      for (size_t i = 0; i < x[at].size(); ++i) x[at][i] += attended[i] + fed[i];
    }
    return x;
  }

  const ModelFile& file_;
};

std::vector<float> run(const ModelFile& file, const std::vector<int32_t>& tokens) {
  ModelSpec spec = std::move(read_model_spec(file.metadata())).value();
  const auto backend = std::move(make_backend({"", 1, ""})).value();
  const BoundNetwork bound = std::move(bind_network(file, spec, *backend)).value();
  const auto states =
      std::move(StateStore::create(*backend, bound.network->states(), 256, BlockType::kF32)).value();
  Forward forward(*bound.network, *bound.weights, *states, 256);
  SequenceState sequence(*states);
  EXPECT_TRUE(sequence.extend(static_cast<int32_t>(tokens.size())).ok());
  std::vector<int32_t> positions(tokens.size());
  std::iota(positions.begin(), positions.end(), 0);
  const std::vector<int32_t> sequences(tokens.size(), 0);
  const std::span<const int32_t> pages = sequence.pages();
  std::vector<float> logits(tokens.size() * static_cast<size_t>(spec.n_vocab()));
  EXPECT_TRUE(forward.begin_logits({tokens, {positions, sequences, {&pages, 1}}, positions}, logits).ok());
  EXPECT_TRUE(backend->wait().ok());
  return logits;
}

TEST(GptJ, ComputesWhatItsAuthorsPublish) {
  const ModelFile file = make_gptj();
  const std::vector<int32_t> tokens{1, 77, 500, 3, 3, 260, 41, 8, 19, 333};
  const std::vector<float> ours = run(file, tokens);
  const Rows expected = PlainGptJ(file).logits(tokens);
  double differences = 0.0;
  double squares = 0.0;
  for (size_t i = 0; i < ours.size(); ++i) {
    const double value = expected[i / expected[0].size()][i % expected[0].size()];
    differences += std::pow(static_cast<double>(ours[i]) - value, 2);
    squares += value * value;
  }
  // GELU's input and output are rounded to halves: 2^-12 on the average of what half of a layer adds.
  EXPECT_LT(std::sqrt(differences / squares), 3e-4);
}

}  // namespace
}  // namespace hearth
