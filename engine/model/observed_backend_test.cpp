// What an observed model was multiplied with, beside the same worked out by hand.
#include "engine/model/observed_backend.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/compute/backend_testing.h"
#include "engine/format/dequantize.h"
#include "engine/model/convert/convert.h"
#include "engine/model/families/family.h"
#include "engine/model/forward.h"
#include "testing/synthetic/synthetic_model.h"

namespace hearth {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatNear;
using ::testing::HasSubstr;
using ::testing::Pointwise;

std::vector<float> numbers_of(const ModelFile& file, const std::string& name) {
  const auto [tensor, part] = file.find_tensor(name);
  std::vector<std::byte> blocks(tensor->bytes);
  EXPECT_TRUE(part->source().read(tensor->offset, blocks).ok());
  std::vector<float> values(tensor->columns() * tensor->rows());
  dequantize(tensor->type, blocks, values);
  return values;
}

/// What is added up of rows, each of so many columns.
std::vector<float> squares_of(const std::vector<float>& rows, size_t columns) {
  std::vector<double> sums(columns);
  for (size_t i = 0; i < rows.size(); ++i) sums[i % columns] += double{rows[i]} * double{rows[i]};
  return {sums.begin(), sums.end()};
}

/// A model with random weights that reads one text.
class ReadingModel {
 public:
  explicit ReadingModel(std::string_view shape, const std::string& device = "cpu")
      : file_(std::move(ModelFile::open({model_of(shape)})).value()),
        spec_(std::move(read_model_spec(file_.metadata())).value()),
        backend_(device_of(device)),
        bound_(std::move(bind_network(file_, spec_, *backend_)).value()) {}

  /// The final hidden states; `logits`, where wanted, receives the logits of all rows.
  std::vector<float> read(const std::vector<int32_t>& text, InputSums* sums,
                          std::vector<float>* logits = nullptr) {
    const auto states = StateStore::create(*backend_, bound_.network->states(), 64, BlockType::kF32);
    std::optional<ObservedBackend> observed;
    if (sums != nullptr) observed.emplace(*backend_, *sums);
    Forward forward(*bound_.network, *bound_.weights, **states, 64, observed ? &*observed : nullptr);
    SequenceState sequence(**states);
    EXPECT_TRUE(sequence.extend(static_cast<int32_t>(text.size())).ok());
    std::vector<int32_t> positions(text.size());
    std::iota(positions.begin(), positions.end(), 0);
    const std::vector<int32_t> sequences(text.size(), 0);
    const std::span<const int32_t> pages = sequence.pages();
    const Batch batch{text, {positions, sequences, {&pages, 1}}, positions};
    std::vector<float> values(text.size() * static_cast<size_t>(spec_.n_embd()));
    if (logits != nullptr) {
      logits->resize(text.size() * static_cast<size_t>(spec_.n_vocab()));
      EXPECT_TRUE(forward.begin_logits(batch, *logits).ok());
    } else {
      EXPECT_TRUE(forward.begin_embeddings(batch, values).ok());
    }
    EXPECT_TRUE(backend_->wait().ok());
    return values;
  }

  InputSums sums(bool with_output) const { return {bound_.matrices, with_output}; }
  const ModelFile& file() const { return file_; }
  size_t n_embd() const { return static_cast<size_t>(spec_.n_embd()); }

 private:
  static std::shared_ptr<const ByteSource> model_of(std::string_view shape) {
    GgufWriter writer;
    EXPECT_TRUE(add_synthetic_model(*find_synthetic_shape(shape), *find_type_mix("F32"), 1, writer).ok());
    return own_memory(std::move(writer.write_to_memory()).value(), "model.gguf");
  }

  ModelFile file_;
  ModelSpec spec_;
  std::unique_ptr<Backend> backend_;
  BoundNetwork bound_;
};

const std::vector<int32_t> kText = {1, 17, 203, 44, 5, 301};

/// The first layer's input: the embeddings, each in units of its root mean square, times the norm's weight.
std::vector<float> first_inputs(const ReadingModel& model) {
  const std::vector<float> table = numbers_of(model.file(), "token_embd.weight");
  const std::vector<float> weight = numbers_of(model.file(), "blk.0.attn_norm.weight");
  const size_t columns = model.n_embd();
  std::vector<float> inputs;
  for (const int32_t token : kText) {
    const float* const row = table.data() + static_cast<size_t>(token) * columns;
    const double squares = std::inner_product(row, row + columns, row, 0.0);
    const double size = std::sqrt(squares / static_cast<double>(columns) + 1e-5);
    for (size_t i = 0; i < columns; ++i) inputs.push_back(static_cast<float>(row[i] / size * weight[i]));
  }
  return inputs;
}

class ObservedModel : public ::testing::TestWithParam<const char*> {};

TEST_P(ObservedModel, AddsUpTheSquaresOfWhatEachWeightIsMultipliedWith) {
  ReadingModel model("tiny-llama", GetParam());
  InputSums sums = model.sums(true);
  std::vector<float> logits;
  model.read(kText, &sums, &logits);
  const auto named = sums.by_name();
  ASSERT_TRUE(named.ok()) << named.error().message;
  EXPECT_EQ(named->size(), 2U * 7U + 1U);
  for (const auto& [name, of_weight] : *named) EXPECT_THAT(of_weight.counts, ElementsAre(6.0F)) << name;
  const auto near = [](float tolerance) { return FloatNear(tolerance); };
  const std::vector<float> first = squares_of(first_inputs(model), model.n_embd());
  for (const std::string name : {"blk.0.attn_q.weight", "blk.0.attn_k.weight", "blk.0.attn_v.weight"}) {
    EXPECT_THAT(named->at(name).squares, Pointwise(near(1e-4F), first)) << name;
  }
  const std::vector<float> last = squares_of(model.read(kText, nullptr), model.n_embd());
  EXPECT_THAT(named->at("output.weight").squares, Pointwise(near(1e-4F), last));
  EXPECT_EQ(named->at("blk.1.ffn_down.weight").squares.size(), 512U);
}

TEST_P(ObservedModel, GivesTheSameBits) {
  for (const char* shape : {"tiny-llama", "tiny-qwen3moe", "tiny-deepseek2"}) {
    ReadingModel model(shape, GetParam());
    InputSums sums = model.sums(false);
    std::vector<float> observed, alone;
    model.read(kText, &sums, &observed);
    model.read(kText, nullptr, &alone);
    EXPECT_EQ(observed, alone) << shape;
  }
}

TEST_P(ObservedModel, AddsUpWhatEachHeadIsMultipliedWith) {
  ReadingModel model("tiny-deepseek2", GetParam());  // four heads, of 64 dimensions that do not turn
  InputSums sums = model.sums(false);
  model.read(kText, &sums);
  const auto named = sums.by_name();
  ASSERT_TRUE(named.ok()) << named.error().message;
  const ColumnSums& of_keys = named->at("blk.0.attn_k_b.weight");
  EXPECT_THAT(of_keys.counts, ElementsAre(6.0F, 6.0F, 6.0F, 6.0F));
  ASSERT_EQ(of_keys.squares.size(), 4U * 64U);
  EXPECT_TRUE(std::all_of(of_keys.squares.begin(), of_keys.squares.end(), [](float sum) { return sum > 0; }));
  EXPECT_NE(of_keys.squares[0], of_keys.squares[64]);
}

TEST_P(ObservedModel, HasTheInputOfAMatrixInPartsOnce) {
  ReadingModel model("tiny-phi3", GetParam());  // q, k and v are one matrix; gate and up, too
  InputSums sums = model.sums(false);
  model.read(kText, &sums);
  const auto named = sums.by_name();
  ASSERT_TRUE(named.ok()) << named.error().message;
  for (const auto& [name, of_weight] : *named) EXPECT_THAT(of_weight.counts, ElementsAre(6.0F)) << name;
  EXPECT_THAT(named->at("blk.0.attn_qkv.weight").squares,
              Pointwise(FloatNear(1e-4F), squares_of(first_inputs(model), model.n_embd())));
}

/// Experts by hand: three of them with four inputs, two hidden numbers each; a row goes to the best two.
class ObservedExperts {
 public:
  ObservedExperts(const std::string& device, bool gated) : device_(device_of(device)), run_(*device_) {
    router_ = number(weight(kCount, kColumns, 1), 0);
    up_ = number(weight(kCount * kHidden, kColumns, 2), 1);
    down_ = number(weight(kCount * kColumns, kHidden, 3), 2);
    if (gated) gate_ = number(weight(kCount * kHidden, kColumns, 4), 3);
    x_ = random_values(kRows, kColumns, 5);
  }

  std::map<std::string, ColumnSums> observed() {
    std::map<std::string, NamedMatrix> matrices = {{"blk.0.router", {0, {kColumns, kCount}}},
                                                   {"blk.0.up", {1, {kColumns, kHidden, kCount}}},
                                                   {"blk.0.down", {2, {kHidden, kColumns, kCount}}}};
    if (gate_.weight) matrices["blk.0.gate"] = {3, {kColumns, kHidden, kCount}};
    InputSums sums(matrices, false);
    ObservedBackend backend(*device_, sums);
    const Tensor logits = run_.tensor(kRows, kCount);
    const Tensor x = run_.tensor(x_);
    const Projection router{router_.weight, {}, logits};
    backend.linear(x, {&router, 1});
    backend.experts({.count = kCount, .used = 2, .n_ff = kHidden},
                    {{gate_.weight, kHidden}, {up_.weight, kHidden}, {down_.weight, kColumns}, {}}, logits, x,
                    run_.tensor(kRows, kColumns));
    EXPECT_TRUE(backend.wait().ok());
    auto named = sums.by_name();
    EXPECT_TRUE(named.ok());
    return *named;
  }

  /// Of what goes into the expert's first product, and into its second.
  std::array<std::vector<float>, 2> by_hand(int64_t expert) const {
    std::vector<float> inputs, hidden;
    for (int64_t row = 0; row < kRows; ++row) {
      const auto score = [&](int64_t i) { return dot(row, router_, i); };
      int64_t better = 0;
      for (int64_t other = 0; other < kCount; ++other) better += score(other) > score(expert) ? 1 : 0;
      if (better >= 2) continue;
      for (int64_t i = 0; i < kColumns; ++i) inputs.push_back(at(x_, row, i));
      for (int64_t i = 0; i < kHidden; ++i) {
        const double up = dot(row, up_, expert * kHidden + i);
        const double gate = gate_.weight ? dot(row, gate_, expert * kHidden + i) : up;
        const double silu = gate / (1.0 + std::exp(-gate));
        hidden.push_back(static_cast<float>(gate_.weight ? silu * up : silu));
      }
    }
    return {squares_of(inputs, kColumns), squares_of(hidden, kHidden)};
  }

  static constexpr int64_t kRows = 7;
  static constexpr int32_t kCount = 3;
  static constexpr int64_t kColumns = 4;
  static constexpr int64_t kHidden = 2;

 private:
  struct Matrix {
    Values values;
    Weight weight;
  };

  Matrix weight(int64_t rows, int64_t columns, uint32_t seed) {
    Values values = random_values(rows, columns, seed);
    const Weight placed = run_.weight(blocks_of(BlockType::kF32, values));
    return {std::move(values), placed};
  }
  static Matrix number(Matrix matrix, int32_t number) {
    matrix.weight.matrix = number;
    return matrix;
  }
  static float at(const Values& values, int64_t row, int64_t column) {
    return values.floats[static_cast<size_t>(row * values.columns + column)];
  }
  double dot(int64_t row, const Matrix& matrix, int64_t output) const {
    double sum = 0;
    for (int64_t i = 0; i < kColumns; ++i) sum += double{at(x_, row, i)} * at(matrix.values, output, i);
    return sum;
  }

  std::unique_ptr<Backend> device_;
  DeviceRun run_;
  Matrix router_, up_, down_, gate_;
  Values x_;
};

TEST_P(ObservedModel, AddsUpWhatEachExpertIsMultipliedWith) {
  for (const bool gated : {true, false}) {
    ObservedExperts experts(GetParam(), gated);
    const auto named = experts.observed();
    EXPECT_EQ(named.contains("blk.0.gate"), gated);
    EXPECT_THAT(named.at("blk.0.router").counts, ElementsAre(7.0F));
    std::vector<float> inputs, hidden;
    for (int64_t expert = 0; expert < ObservedExperts::kCount; ++expert) {
      const auto [first, second] = experts.by_hand(expert);
      inputs.insert(inputs.end(), first.begin(), first.end());
      hidden.insert(hidden.end(), second.begin(), second.end());
    }
    EXPECT_THAT(named.at("blk.0.up").squares, Pointwise(FloatNear(1e-4F), inputs));
    EXPECT_THAT(named.at("blk.0.down").squares, Pointwise(FloatNear(1e-3F), hidden));
    const std::vector<float>& counts = named.at("blk.0.down").counts;
    EXPECT_EQ(std::accumulate(counts.begin(), counts.end(), 0.0F), 14.0F);
  }
}

INSTANTIATE_TEST_SUITE_P(On, ObservedModel, ::testing::Values("cpu", "reference"),
                         [](const auto& test) { return std::string(test.param); });

TEST(ObservedModel, IsQuantisedCloserWhereItCounts) {
  ReadingModel model("tiny-llama");
  InputSums sums = model.sums(false);
  model.read(kText, &sums);
  const auto named = sums.by_name();
  ASSERT_TRUE(named.ok()) << named.error().message;
  ImportanceMatrix importance;
  for (const auto& [name, of_weight] : *named) importance.add(name, of_weight);
  const auto quantised = [&](const ImportanceMatrix* matrix) {
    GgufWriter writer;
    const Conversion conversion{.mix = *find_type_mix("Q3_K_S"), .importance = matrix};
    const auto added = add_converted_model(model.file(), conversion, writer);
    EXPECT_TRUE(added.ok()) << added.error().message;
    EXPECT_THAT(added->without_importance, ElementsAre());
    return std::move(ModelFile::open({own_memory(std::move(writer.write_to_memory()).value())})).value();
  };
  const ModelFile with = quantised(&importance);
  const ModelFile without = quantised(nullptr);
  for (const auto& weight : *named) {
    const std::vector<float> wanted = numbers_of(model.file(), weight.first);
    const auto error_of = [&](const ModelFile& file) {
      const std::vector<float> got = numbers_of(file, weight.first);
      const std::vector<float>& squares = weight.second.squares;
      double error = 0;
      for (size_t i = 0; i < got.size(); ++i) {
        error += double{squares[i % squares.size()]} * std::pow(double{got[i]} - wanted[i], 2);
      }
      return error;
    };
    EXPECT_LT(error_of(with), error_of(without)) << weight.first;
  }
}

TEST(ObservedModel, SaysWhichWeightGotWhatIsNoNumber) {
  InputSums sums({{"blk.0.attn_q.weight", {0, {2, 2}}}}, false);
  Weight weight{BlockType::kF32, 2, 2, {}, 0};
  sums.add(weight, 0, std::vector{1.0F, NAN});
  const auto named = sums.by_name();
  ASSERT_FALSE(named.ok());
  EXPECT_EQ(named.error().code, ErrorCode::kInvalidModel);
  EXPECT_THAT(named.error().message, HasSubstr("'blk.0.attn_q.weight'"));
}

}  // namespace
}  // namespace hearth
