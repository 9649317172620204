// The whole forward pass against logits that llama.cpp computed for real and synthetic models
// (testdata/reference).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <functional>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string>
#include <vector>

#include "engine/base/testdata.h"
#include "engine/compute/backend_testing.h"
#include "engine/compute/devices.h"
#include "engine/model/families/family.h"
#include "engine/model/forward.h"
#include "engine/model/weights.h"

namespace hearth {
namespace {

/// One model, ready to run one sequence with an f32 cache (as the references were made).
struct Loaded {
  std::unique_ptr<ModelFile> file;
  ModelSpec spec;
  std::unique_ptr<Backend> backend;
  BoundNetwork bound;
  std::unique_ptr<StateStore> states;
  std::unique_ptr<Forward> forward;
};

constexpr int32_t kContext = 512;

template <typename T>
T expect_value(Result<T> result) {
  EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message);
  return std::move(result).value();
}

std::unique_ptr<Loaded> load(const std::filesystem::path& path, const DeviceOptions& device) {
  auto model = std::make_unique<Loaded>();
  model->file = std::make_unique<ModelFile>(expect_value(ModelFile::open(path)));
  model->spec = expect_value(read_model_spec(model->file->metadata()));
  model->backend = expect_value(make_backend(device));
  model->bound = expect_value(bind_network(*model->file, model->spec, *model->backend));
  model->states = expect_value(
      StateStore::create(*model->backend, model->bound.network->states(), kContext, BlockType::kF32));
  model->forward =
      std::make_unique<Forward>(*model->bound.network, *model->bound.weights, *model->states, kContext);
  return model;
}

/// Logits of every token, fed in chunks of `chunk` tokens.
std::vector<float> run(Loaded& model, const std::vector<int32_t>& tokens, size_t chunk) {
  const auto n_vocab = static_cast<size_t>(model.spec.n_vocab());
  std::vector<float> logits(tokens.size() * n_vocab);
  SequenceState sequence(*model.states);
  for (size_t first = 0; first < tokens.size(); first += chunk) {
    const size_t count = std::min(chunk, tokens.size() - first);
    EXPECT_TRUE(sequence.extend(static_cast<int32_t>(count)).ok());
    std::vector<int32_t> positions(count);
    std::iota(positions.begin(), positions.end(), static_cast<int32_t>(first));
    const std::vector<int32_t> sequences(count, 0);
    std::vector<int32_t> outputs(count);
    std::iota(outputs.begin(), outputs.end(), 0);
    const std::span<const int32_t> pages = sequence.pages();
    const Batch batch{std::span(tokens).subspan(first, count), {positions, sequences, {&pages, 1}}, outputs};
    const auto done =
        model.forward->begin_logits(batch, std::span(logits).subspan(first * n_vocab, count * n_vocab));
    EXPECT_TRUE(done.ok() && model.backend->wait().ok());
  }
  return logits;
}

struct Reference {
  const char* model;    // path under testdata, without .gguf
  const char* answer;   // path under testdata, without .json
  double tolerance;     // of a logit, absolute
  double relative = 1;  // of all logits together: rms of the differences by rms of the logits
};

class ReferenceModel : public ::testing::TestWithParam<Reference> {
 protected:
  static void expect_logits_of_llama_cpp(const DeviceOptions& device);
};

std::vector<float> read_floats(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::vector<float> values(std::filesystem::file_size(path) / sizeof(float));
  in.read(reinterpret_cast<char*>(values.data()),
          static_cast<std::streamsize>(values.size() * sizeof(float)));
  return values;
}

/// By how much the largest of `logits` leads the second. (The references' own greedy_top1_margin belong to
/// the step after the one they stand at.)
double margin_of_best(std::span<const float> logits) {
  std::vector<float> sorted(logits.begin(), logits.end());
  std::partial_sort(sorted.begin(), sorted.begin() + 2, sorted.end(), std::greater<>());
  return static_cast<double>(sorted[0]) - sorted[1];
}

TEST_P(ReferenceModel, GivesTheLogitsOfLlamaCpp) { expect_logits_of_llama_cpp({"cpu", 2}); }

TEST_P(ReferenceModel, GivesThemOnTheDeviceOfPlainLoops) { expect_logits_of_llama_cpp({"reference"}); }

TEST_P(ReferenceModel, GivesThemOnAGpu) {
  HEARTH_REQUIRE_GPU();
  expect_logits_of_llama_cpp({"gpu"});
}

void ReferenceModel::expect_logits_of_llama_cpp(const DeviceOptions& device) {
  HEARTH_REQUIRE_TESTDATA();
  const auto model = load(testing::testdata() / (std::string(GetParam().model) + ".gguf"), device);
  const std::string answer = testing::testdata() / GetParam().answer;
  const auto reference = nlohmann::json::parse(std::ifstream(answer + ".json"));
  const std::vector<float> expected = read_floats(answer + ".logits.f32");
  const auto n_vocab = reference["n_vocab"].get<size_t>();
  ASSERT_EQ(static_cast<size_t>(model->spec.n_vocab()), n_vocab);

  for (const auto& test_case : reference["cases"]) {
    const auto prompt = test_case["prompt_ids"].get<std::vector<int32_t>>();
    const auto greedy = test_case["greedy_ids"].get<std::vector<int32_t>>();
    const auto rows = test_case["logits_rows"].get<size_t>();
    const float* wanted = expected.data() + test_case["logits_offset_floats"].get<size_t>();
    std::vector<int32_t> tokens = prompt;
    tokens.insert(tokens.end(), greedy.begin(), greedy.begin() + static_cast<long>(rows - prompt.size()));

    const std::vector<float> logits = run(*model, tokens, tokens.size());
    double worst = 0.0;
    double squared_differences = 0.0;
    double squares = 0.0;
    for (size_t i = 0; i < logits.size(); ++i) {
      ASSERT_TRUE(std::isfinite(logits[i]));
      const double difference = static_cast<double>(logits[i]) - wanted[i];
      worst = std::max(worst, std::abs(difference));
      squared_differences += difference * difference;
      squares += static_cast<double>(wanted[i]) * wanted[i];
    }
    EXPECT_LE(worst, GetParam().tolerance) << test_case["prompt"];
    EXPECT_LE(std::sqrt(squared_differences / squares), GetParam().relative) << test_case["prompt"];
    RecordProperty("largest_difference", std::to_string(worst));

    for (size_t step = 0; step + prompt.size() < rows; ++step) {
      const size_t row = (prompt.size() - 1 + step) * n_vocab;
      if (margin_of_best({wanted + row, n_vocab}) <= 2 * GetParam().tolerance) continue;
      const auto first = logits.begin() + static_cast<long>(row);
      const auto best = std::max_element(first, first + static_cast<long>(n_vocab)) - first;
      EXPECT_EQ(best, greedy[step]) << "step " << step << " of " << test_case["prompt"];
    }
  }
}

// Quantised models: both sides round activations to 8 bits, each in its own way. Against f32 arithmetic on
// the same weights llama.cpp is off by 2.0 to 3.1 % of the logits' rms here and Hearth by 2.0 %,
// independently: together 3.6 %.
constexpr double kRounding = 0.04;
constexpr double kLargestRounding = 0.5;

INSTANTIATE_TEST_SUITE_P(
    All, ReferenceModel,
    ::testing::Values(
        Reference{"models/stories260K/stories260K", "models/stories260K/stories260K-f32", 1e-3},
        Reference{"reference/gguf/llama-gqa", "reference/llama-gqa", 1e-3},
        Reference{"reference/gguf/llama3-ropefactors", "reference/llama3-ropefactors", 1e-3},
        Reference{"reference/gguf/qwen2-bias", "reference/qwen2-bias", 1e-3},
        Reference{"reference/gguf/gemma2-softcap-swa8", "reference/gemma2-softcap-swa8", 1e-3},
        Reference{"reference/gguf/phi2-partial-rotary", "reference/phi2-partial-rotary", 1e-3},
        Reference{"reference/gguf/phi3-fused", "reference/phi3-fused", 1e-3},
        Reference{"reference/gguf/llama-256-Q8_0", "reference/llama-256-Q8_0", kLargestRounding, kRounding},
        Reference{"reference/gguf/llama-256-Q4_0", "reference/llama-256-Q4_0", kLargestRounding, kRounding},
        Reference{"reference/gguf/llama-256-Q2_K", "reference/llama-256-Q2_K", kLargestRounding, kRounding},
        Reference{"reference/gguf/llama-256-Q4_K_M", "reference/llama-256-Q4_K_M", kLargestRounding,
                  kRounding},
        Reference{"reference/gguf/llama-256-Q6_K", "reference/llama-256-Q6_K", kLargestRounding, kRounding}),
    [](const auto& test) {
      std::string name = std::filesystem::path(test.param.model).filename();
      std::replace_if(
          name.begin(), name.end(), [](char c) { return std::isalnum(c) == 0; }, '_');
      return name;
    });

TEST(Reproducible, ChunksAndThreadsChangeNoBit) {
  HEARTH_REQUIRE_TESTDATA();
  for (const char* name : {"models/stories260K/stories260K", "reference/gguf/gemma2-softcap-swa8",
                           "reference/gguf/llama-256-Q4_K_M", "reference/gguf/llama-256-Q4_0"}) {
    const auto path = testing::testdata() / (std::string(name) + ".gguf");
    std::vector<int32_t> tokens;
    for (int32_t i = 0; i < 150; ++i) tokens.push_back(3 + (i * 37) % 250);
    const auto one = load(path, {"cpu", 1});
    const auto three = load(path, {"cpu", 3});
    const std::vector<float> whole = run(*one, tokens, tokens.size());
    for (const size_t chunk : {size_t{1}, size_t{7}, size_t{64}}) {
      EXPECT_EQ(run(*one, tokens, chunk), whole) << name << " in chunks of " << chunk;
      EXPECT_EQ(run(*three, tokens, chunk), whole)
          << name << " in chunks of " << chunk << " on three threads";
    }
  }
}

}  // namespace
}  // namespace hearth
