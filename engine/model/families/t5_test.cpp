// T5 against what its paper says (Raffel et al. 2020, with the layers of Vaswani et al. 2017), written out in
// plain loops: node-llama-cpp has no way to an encoder-decoder.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>
#include <string>
#include <vector>

#include "engine/compute/devices.h"
#include "engine/format/model_file.h"
#include "engine/model/families/family.h"
#include "engine/model/forward.h"
#include "engine/model/tiny_model.h"
#include "engine/model/weights.h"
#include "testing/synthetic/synthetic_model.h"

namespace hearth {
namespace {

using testing::fault_of;
using ::testing::HasSubstr;
using testing::TinyModel;

using Row = std::vector<double>;  // of one position
using Sequence = std::vector<Row>;

ModelFile make_t5(std::string_view shape) {
  GgufWriter writer;
  const TypeMix mix = std::move(find_type_mix("F32")).value();
  EXPECT_TRUE(add_synthetic_model(*find_synthetic_shape(shape), mix, 1, writer).ok());
  return std::move(ModelFile::open({own_memory(std::move(writer.write_to_memory()).value())})).value();
}

class PlainT5 {
 public:
  PlainT5(const ModelFile& file, size_t encoder_layers, size_t decoder_layers)
      : file_(file), encoder_layers_(encoder_layers), decoder_layers_(decoder_layers) {}

  Sequence logits(const std::vector<int32_t>& text, const std::vector<int32_t>& answer) const {
    const Sequence encoded = encode(text);
    Sequence x = look_up(answer);
    for (size_t layer = 0; layer < decoder_layers_; ++layer) {
      const std::string name = "dec.blk." + std::to_string(layer) + ".";
      add_attention(name + "attn_", x, normed(name + "attn_norm", x), bias_of("dec.", layer), false);
      add_attention(name + "cross_attn_", x, encoded, {}, true);
      add_feed_forward(name, x);
    }
    x = normed("dec.output_norm", x);
    if (has("output.weight")) return products("output", x);
    for (Row& row : x) {
      for (double& value : row) value /= std::sqrt(static_cast<double>(row.size()));
    }
    return products("token_embd", x);
  }

 private:
  static constexpr size_t kHeads = 4;
  static constexpr double kBuckets = 32.0;

  bool has(const std::string& name) const { return file_.find_tensor(name).tensor != nullptr; }

  std::vector<float> floats(const std::string& name) const {
    const TensorPlace place = file_.find_tensor(name);
    std::vector<float> values(place.tensor->bytes / sizeof(float));
    EXPECT_TRUE(
        place.part->source().read(place.tensor->offset, std::as_writable_bytes(std::span(values))).ok());
    return values;
  }

  Sequence look_up(const std::vector<int32_t>& tokens) const {
    const std::vector<float> table = floats("token_embd.weight");
    const auto width = static_cast<ptrdiff_t>(file_.find_tensor("token_embd.weight").tensor->columns());
    Sequence rows;
    for (const int32_t token : tokens) {
      rows.emplace_back(table.begin() + token * width, table.begin() + (token + 1) * width);
    }
    return rows;
  }

  Sequence products(const std::string& name, const Sequence& x) const {
    const std::vector<float> matrix = floats(name + ".weight");
    const size_t columns = x[0].size();
    Sequence y(x.size(), Row(matrix.size() / columns));
    for (size_t at = 0; at < x.size(); ++at) {
      for (size_t row = 0; row < y[at].size(); ++row) {
        for (size_t i = 0; i < columns; ++i) y[at][row] += double{matrix[row * columns + i]} * x[at][i];
      }
    }
    return y;
  }

  static void add(const Sequence& update, Sequence& x) {
    for (size_t at = 0; at < x.size(); ++at) {
      for (size_t i = 0; i < x[at].size(); ++i) x[at][i] += update[at][i];
    }
  }

  Sequence normed(const std::string& name, Sequence x) const {
    const std::vector<float> weight = floats(name + ".weight");
    for (Row& row : x) {
      double squares = 0.0;
      for (const double value : row) squares += value * value / static_cast<double>(row.size());
      for (size_t i = 0; i < row.size(); ++i) row[i] *= double{weight[i]} / std::sqrt(squares + 1e-5);
    }
    return x;
  }

  /// Half of the buckets are of one distance each, the others grow up to a distance of 128. An encoder has as
  /// many for either side.
  static size_t bucket(ptrdiff_t distance, bool both_sides) {
    const double buckets = both_sides ? kBuckets / 2 : kBuckets;
    const double exact = buckets / 2;
    const auto apart = static_cast<double>(std::abs(distance));
    const double grown = std::floor(exact + std::log(apart / exact) / std::log(128.0 / exact) * exact + 1e-9);
    const double within = apart < exact ? apart : std::min(grown, buckets - 1);
    return static_cast<size_t>(both_sides && distance > 0 ? buckets + within : within);
  }

  struct Bias {
    std::vector<float> gains;  // [buckets, heads]; empty: none
    bool both_sides = false;
  };

  /// That of the layer, or of the first.
  Bias bias_of(const std::string& half, size_t layer) const {
    const auto name = [&](size_t of) { return half + "blk." + std::to_string(of) + ".attn_rel_b.weight"; };
    return {floats(name(has(name(layer)) ? layer : 0)), half == "enc."};
  }

  /// x += attention of x's rows to `read`: all of it, or for an answer what was written so far.
  void add_attention(const std::string& name, Sequence& x, const Sequence& read, const Bias& bias,
                     bool sees_all) const {
    const Sequence q = products(name + "q", normed(name + "norm", x));
    const Sequence k = products(name + "k", read);
    const Sequence v = products(name + "v", read);
    Sequence heads(x.size());
    for (size_t row = 0; row < x.size(); ++row) {
      const size_t end = sees_all || bias.both_sides ? read.size() : row + 1;
      for (size_t head = 0; head < kHeads; ++head) {
        const Row found = look(q[row], k, v, head, row, end, bias);
        heads[row].insert(heads[row].end(), found.begin(), found.end());
      }
    }
    add(products(name + "o", heads), x);
  }

  static Row look(const Row& q, const Sequence& k, const Sequence& v, size_t head, size_t row, size_t end,
                  const Bias& bias) {
    const size_t width = q.size() / kHeads;
    Row weights(end);
    for (size_t at = 0; at < end; ++at) {
      for (size_t i = head * width; i < (head + 1) * width; ++i) weights[at] += q[i] * k[at][i];
      const ptrdiff_t distance = static_cast<ptrdiff_t>(at) - static_cast<ptrdiff_t>(row);
      if (!bias.gains.empty()) {
        weights[at] += double{bias.gains[bucket(distance, bias.both_sides) * kHeads + head]};
      }
    }
    const double largest = *std::ranges::max_element(weights);
    for (double& weight : weights) weight = std::exp(weight - largest);
    const double sum = std::accumulate(weights.begin(), weights.end(), 0.0);
    Row found(width);
    for (size_t at = 0; at < end; ++at) {
      for (size_t i = 0; i < width; ++i) found[i] += weights[at] / sum * v[at][head * width + i];
    }
    return found;
  }

  /// ReLU in the first version; in the second gates through GELU (Shazeer 2020).
  void add_feed_forward(const std::string& name, Sequence& x) const {
    const Sequence h = normed(name + "ffn_norm", x);
    Sequence hidden = products(name + "ffn_up", h);
    const bool is_gated = has(name + "ffn_gate.weight");
    const Sequence gates = is_gated ? products(name + "ffn_gate", h) : hidden;
    for (size_t at = 0; at < x.size(); ++at) {
      for (size_t i = 0; i < hidden[at].size(); ++i) {
        hidden[at][i] = is_gated ? hidden[at][i] * gelu(gates[at][i]) : std::max(hidden[at][i], 0.0);
      }
    }
    add(products(name + "ffn_down", hidden), x);
  }

  static double gelu(double z) {
    return 0.5 * z * (1.0 + std::tanh(std::sqrt(2.0 / std::numbers::pi) * (z + 0.044715 * z * z * z)));
  }

  Sequence encode(const std::vector<int32_t>& text) const {
    Sequence x = look_up(text);
    for (size_t layer = 0; layer < encoder_layers_; ++layer) {
      const std::string name = "enc.blk." + std::to_string(layer) + ".";
      add_attention(name + "attn_", x, normed(name + "attn_norm", x), bias_of("enc.", layer), true);
      add_feed_forward(name, x);
    }
    return normed("enc.output_norm", x);
  }

  const ModelFile& file_;
  size_t encoder_layers_, decoder_layers_;
};

/// Logits of the answer's tokens: the text goes in as a whole, then the answer in two steps.
std::vector<float> run_t5(const ModelFile& file, std::vector<int32_t> tokens, size_t source) {
  ModelSpec spec = std::move(read_model_spec(file.metadata())).value();
  const auto backend = std::move(make_backend({"", 1, ""})).value();
  const BoundNetwork bound = std::move(bind_network(file, spec, *backend)).value();
  const auto states =
      std::move(StateStore::create(*backend, bound.network->states(), 512, BlockType::kF32)).value();
  Forward forward(*bound.network, *bound.weights, *states, 512);
  SequenceState sequence(*states, static_cast<int32_t>(source));
  EXPECT_TRUE(sequence.extend(static_cast<int32_t>(tokens.size())).ok());
  std::vector<int32_t> positions(tokens.size());
  std::iota(positions.begin(), positions.end(), 0);
  const std::vector<int32_t> sequences(tokens.size(), 0);
  const std::span<const int32_t> pages = sequence.pages();
  const std::array sources{sequence.source()};

  const auto n_vocab = static_cast<size_t>(spec.n_vocab());
  std::vector<float> logits;
  const auto run_part = [&](size_t first, size_t end, size_t outputs) {
    const auto part = [&](const std::vector<int32_t>& all) {
      return std::span(all).subspan(first, end - first);
    };
    std::vector<float> found(outputs * n_vocab);
    const Batch batch{part(tokens),
                      {part(positions), part(sequences), {&pages, 1}, {}, sources},
                      std::span(positions).first(outputs)};
    EXPECT_TRUE(forward.begin_logits(batch, found).ok());
    EXPECT_TRUE(backend->wait().ok());
    logits.insert(logits.end(), found.begin(), found.end());
  };
  run_part(0, source, 0);
  run_part(source, source + 3, 3);
  run_part(source + 3, tokens.size(), tokens.size() - source - 3);
  return logits;
}

void expect_t5_as_published(std::string_view shape, size_t decoder_layers, double tolerance) {
  const ModelFile file = make_t5(shape);
  // Distances of all buckets of the text.
  std::vector<int32_t> text(140);
  for (size_t i = 0; i < text.size(); ++i) text[i] = static_cast<int32_t>(i * i * 7 % 509 + 3);
  std::vector<int32_t> answer(20);
  for (size_t i = 1; i < answer.size(); ++i) answer[i] = static_cast<int32_t>(i * i * 5 % 509 + 3);
  const Sequence expected = PlainT5(file, 2, decoder_layers).logits(text, answer);
  std::vector<int32_t> tokens = text;
  tokens.insert(tokens.end(), answer.begin(), answer.end());
  const std::vector<float> ours = run_t5(file, tokens, text.size());
  ASSERT_EQ(ours.size(), expected.size() * expected[0].size());
  double differences = 0.0;
  double squares = 0.0;
  for (size_t i = 0; i < ours.size(); ++i) {
    const double value = expected[i / expected[0].size()][i % expected[0].size()];
    differences += std::pow(double{ours[i]} - value, 2);
    squares += value * value;
  }
  EXPECT_LT(std::sqrt(differences / squares), tolerance);
}

TEST(T5, ComputesWhatItsPaperSays) { expect_t5_as_published("tiny-t5", 2, 1e-5); }

/// GELU's input and output are rounded to halves.
TEST(T5, WithGatesComputesWhatItsPaperSays) { expect_t5_as_published("tiny-t5-gated", 3, 1e-3); }

TEST(T5, AnAnswerBeginsWithATokenThatThereIs) {
  TinyModel model;
  model.architecture = "t5";
  model.integers["attention.relative_buckets_count"] = 32;
  EXPECT_THAT(fault_of(model), HasSubstr("'t5.decoder_start_token_id': is missing"));
  model.integers["decoder_start_token_id"] = 7;
  EXPECT_EQ(spec_of(model)->answer_start, 7);
  EXPECT_TRUE(spec_of(model)->is_encoder_decoder());
  EXPECT_FALSE(spec_of(model)->is_encoder());
  model.integers["decoder_block_count"] = 0;
  EXPECT_THAT(fault_of(model), HasSubstr("'t5.decoder_block_count': must be above 0"));
  model.integers["decoder_block_count"] = 5;
  EXPECT_EQ(spec_of(model)->n_layer(), spec_of(model)->n_layer_encoder + 5);
}

}  // namespace
}  // namespace hearth
