// Every family that answers, however it is run: in parts, beside others, with its layers streamed, from what
// is kept.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/compute/backend_testing.h"
#include "engine/runtime/scheduler.h"
#include "engine/runtime/test_model.h"
#include "testing/synthetic/synthetic_model.h"

namespace hearth {
namespace {

using testing::expect_value;

constexpr int32_t kContext = 256;

std::vector<TokenId> some_tokens(size_t count, uint32_t state = 1) {
  std::vector<TokenId> tokens{1};
  while (tokens.size() < count) {
    state = state * 1103515245U + 12345U;
    tokens.push_back(static_cast<TokenId>((state >> 8) % 512));
  }
  return tokens;
}

LoadOptions options_with(int32_t rows, BlockType kv_type = BlockType::kF32) {
  LoadOptions options;
  options.context_size = kContext;
  options.cache_positions = 4 * kContext;
  options.max_sequences = 4;
  options.max_batch_rows = rows;
  options.kv_type = kv_type;
  return options;
}

std::vector<float> logits_of(const Model& model, const std::vector<TokenId>& tokens,
                             const LoadOptions& options) {
  const auto scheduler = expect_value(Scheduler::create(model, options));
  std::vector<float> all;
  const size_t first = testing::first_with_logits(model);
  const auto done = scheduler->logits(tokens, first, [&](size_t /*position*/, std::span<const float> logits) {
    all.insert(all.end(), logits.begin(), logits.end());
    return true;
  });
  EXPECT_TRUE(done.ok()) << done.error().message;
  return all;
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

/// Root mean square of the differences over that of the values.
double relative_difference(const std::vector<float>& values, const std::vector<float>& truth) {
  double squares = 0.0;
  double scale = 0.0;
  for (size_t i = 0; i < truth.size(); ++i) {
    squares += std::pow(static_cast<double>(values[i]) - static_cast<double>(truth[i]), 2);
    scale += std::pow(static_cast<double>(truth[i]), 2);
  }
  return std::sqrt(squares / scale);
}

/// Whether its feed-forward networks have GELU, whose arguments and results are rounded to halves.
bool rounds_to_halves(const ModelSpec& spec) {
  const auto rounds = [](const auto& network) {
    if constexpr (requires { network.gated.activation; })
      return network.gated.activation == Activation::kGeluTanh;
    if constexpr (requires { network.activation; }) return network.activation == Activation::kGeluTanh;
    return false;
  };
  return std::any_of(spec.layers.begin(), spec.layers.end(),
                     [&](const LayerSpec& layer) { return std::visit(rounds, layer.feed_forward); });
}

/// How far logits may be from those of the reference device, whose sums are of doubles. Floats are 1e-6 away
/// after a few hundred additions. Halves lie 2^-11 to 2^-10 apart: that error takes one number of five
/// hundred to the other side of the edge between two of them, which is 2^-10 / sqrt(500), or 4e-5, for all
/// numbers of a layer together, and twice that after a few layers; how often it happens depends on the
/// machine.
double most_difference(const ModelSpec& spec) { return rounds_to_halves(spec) ? 5e-4 : 1e-4; }

std::vector<std::string> decoders() {
  std::vector<std::string> names;
  for (const SyntheticShape& shape : synthetic_shapes()) {
    if (shape.name.starts_with("tiny-") && !shape.is_encoder && shape.pooling == 0)
      names.emplace_back(shape.name);
  }
  return names;
}

class EveryFamily : public ::testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    GgufWriter writer;
    const auto added =
        add_synthetic_model(*find_synthetic_shape(GetParam()), expect_value(find_type_mix("F32")), 1, writer);
    ASSERT_TRUE(added.ok()) << added.error().message;
    file_ = expect_value(writer.write_to_memory());
    model_ = load();
    wanted_ = logits_of(*model_, tokens_, options_with(kContext));
  }

  std::unique_ptr<Model> load(const LoadOptions& options = {.threads = 1}) const {
    return expect_value(Model::load({borrow_memory(file_)}, options));
  }

  /// Through a function that reads, with room for two layers.
  std::unique_ptr<Model> load_streamed() const {
    const auto read = [this](uint64_t offset, std::span<std::byte> into) {
      if (readable_ >= 0 && readable_-- == 0) {
        ++refused_;
        return false;
      }
      std::copy_n(file_.begin() + static_cast<ptrdiff_t>(offset), into.size(), into.begin());
      return true;
    };
    return expect_value(Model::load({read_with(read, file_.size(), "read")},
                                    LoadOptions{.threads = 1, .memory_limit = bytes_of_two_layers()}));
  }

  /// The same of a file, past the system's cache; layers are padded to its blocks.
  std::unique_ptr<Model> load_from_file() const {
    const std::string path = std::filesystem::temp_directory_path() / ("hearth_" + GetParam() + ".gguf");
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(file_.data()), std::ssize(file_));
    auto model = expect_value(
        Model::load({expect_value(map_file(path))},
                    LoadOptions{.threads = 2, .memory_limit = bytes_of_two_layers() + (uint64_t{1} << 20)}));
    std::filesystem::remove(path);
    return model;
  }

  uint64_t bytes_of_two_layers() const {
    const Gguf gguf = expect_value(Gguf::parse(borrow_memory(file_)));
    uint64_t always = 0;
    std::vector<uint64_t> layers(model_->spec().layers.size());
    for (const GgufTensor& tensor : gguf.tensors()) {
      const size_t place = tensor.name.find("blk.");
      const bool in_layer = place != std::string_view::npos;
      size_t layer = in_layer ? std::stoul(std::string(tensor.name.substr(place + 4))) : 0;
      if (tensor.name.starts_with("dec.")) layer += static_cast<size_t>(model_->spec().n_layer_encoder);
      (in_layer && layer < layers.size() ? layers[layer] : always) += tensor.bytes;
    }
    return always + 2 * *std::max_element(layers.begin(), layers.end());
  }

  const std::vector<TokenId> tokens_ = some_tokens(48);  // beyond windows of 16 and chunks of 32
  mutable int readable_ = -1;                            // before the one that fails; below 0: none does
  mutable int refused_ = 0;
  std::vector<std::byte> file_;
  std::unique_ptr<Model> model_;
  std::vector<float> wanted_;
};

GenerationRequest greedily(const std::vector<TokenId>& prompt, int32_t count) {
  GenerationRequest request;
  request.prompt = prompt;
  request.max_tokens = count;
  request.temperature = 0.0F;
  request.ignore_end = true;
  return request;
}

std::vector<TokenId> tokens_of(const Generation& generation) {
  return {generation.tokens().begin(), generation.tokens().end()};
}

std::vector<TokenId> answer(Scheduler& scheduler, const GenerationRequest& request) {
  const auto generation = expect_value(scheduler.submit(request));
  while (scheduler.step()) {
  }
  return tokens_of(*generation);
}

TEST_P(EveryFamily, GivesTheSameBitsInPartsAndTokenByToken) {
  EXPECT_TRUE(same_bits(logits_of(*model_, tokens_, options_with(7)), wanted_));
  EXPECT_TRUE(same_bits(logits_of(*model_, tokens_, options_with(1)), wanted_));
}

TEST_P(EveryFamily, GivesTheSameBitsWithStreamedLayersAndSeveralThreads) {
  EXPECT_TRUE(same_bits(logits_of(*load_streamed(), tokens_, options_with(kContext)), wanted_));
  EXPECT_TRUE(same_bits(logits_of(*load_from_file(), tokens_, options_with(kContext)), wanted_));
  EXPECT_TRUE(same_bits(logits_of(*load({.threads = 3}), tokens_, options_with(kContext)), wanted_));
}

TEST_P(EveryFamily, FailsWhereWeightsCannotBeReadOnce) {
  for (const int reads : {0, 1, 3, 10, 30, 100}) {
    readable_ = -1;
    refused_ = 0;
    const auto model = load_streamed();
    const auto scheduler = expect_value(Scheduler::create(*model, options_with(kContext)));
    readable_ = reads;
    const auto done = scheduler->logits(tokens_, testing::first_with_logits(*model),
                                        [](size_t, std::span<const float>) { return true; });
    EXPECT_EQ(done.ok(), refused_ == 0) << reads << " reads";
    EXPECT_TRUE(done.ok() || done.error().code == ErrorCode::kIo);
  }
}

TEST_P(EveryFamily, IsNearOnTheReferenceDeviceAndWithAQuantisedCache) {
  EXPECT_LT(relative_difference(logits_of(*load({.device = "reference"}), tokens_, options_with(kContext)),
                                wanted_),
            most_difference(model_->spec()));
  EXPECT_LT(
      relative_difference(logits_of(*model_, tokens_, options_with(kContext, BlockType::kQ8_0)), wanted_),
      0.3)
      << "more than another choice of an expert can do";
}

/// Its last half on the reference device, which computes later than it is asked to, as a GPU.
TEST_P(EveryFamily, IsNearWithItsLastLayersOnAnotherDevice) {
  const int32_t last_layers = std::max(1, model_->spec().n_layer() / 2);
  const auto split = load({.threads = 1, .device = "reference", .gpu_layers = last_layers});
  EXPECT_LT(relative_difference(logits_of(*split, tokens_, options_with(kContext)), wanted_),
            most_difference(model_->spec()));

  const std::vector<TokenId> prompt = some_tokens(70, 5);
  const auto scheduler = expect_value(Scheduler::create(*split, options_with(kContext)));
  const auto wanted = answer(*scheduler, greedily(prompt, 4));
  const KeptTexts kept = scheduler->kept_texts();
  std::vector<std::byte> state(static_cast<size_t>(scheduler->saved_state_size(kept)));
  ASSERT_TRUE(scheduler->save_state(kept, state).ok());
  const auto other = expect_value(Scheduler::create(*split, options_with(kContext)));
  const auto restored = other->restore_state(state);
  ASSERT_TRUE(restored.ok()) << restored.error().message;
  EXPECT_EQ(answer(*other, greedily(prompt, 4)), wanted) << "from what was kept of both";
}

/// One of each way of computing: where the processor plays the GPU, all would take minutes.
class FamilyOnGpu : public EveryFamily {};

std::vector<std::string> decoders_on_gpu() {
  if (std::getenv("HEARTH_TEST_ALL_ON_GPU") != nullptr) return decoders();
  return {"tiny-llama",     "tiny-yarn",         "tiny-mixtral",    "tiny-qwen2",
          "tiny-qwen3",     "tiny-gemma2",       "tiny-phi2",       "tiny-phi3",
          "tiny-minicpm",   "tiny-chatglm",      "tiny-cohere2",    "tiny-exaone4-sliding",
          "tiny-bitnet",    "tiny-gpt2",         "tiny-gptj",       "tiny-bloom",
          "tiny-falcon",    "tiny-deepseek2-v3", "tiny-deepseek32", "tiny-gpt-oss",
          "tiny-llama4",    "tiny-minimax-m3",   "tiny-gemma3n",    "tiny-mamba",
          "tiny-falcon-h1", "tiny-lfm2",         "tiny-qwen3next",  "tiny-kimi-linear",
          "tiny-rwkv6",     "tiny-rwkv7"};
}

/// All tokens but the last in one step, and the last as if it were decoded. Both the GPU, whose sums and
/// functions are of floats, and the CPU may be as far from the reference device, each to its own side.
TEST_P(FamilyOnGpu, IsNearTheReferenceDevice) {
  HEARTH_REQUIRE_GPU();
  const auto rows = static_cast<int32_t>(tokens_.size()) - 1;
  const auto gpu = load({.device = "gpu"});
  ASSERT_EQ(gpu->info().device_reason, "");
  EXPECT_LT(relative_difference(logits_of(*gpu, tokens_, options_with(rows)), wanted_),
            2.0 * most_difference(model_->spec()));
}

TEST_P(EveryFamily, AnswersBesideOthersAsAlone) {
  const std::vector<GenerationRequest> requests{
      greedily(some_tokens(40, 2), 12), greedily(some_tokens(9, 3), 20), greedily(some_tokens(70, 4), 6)};
  const auto together = expect_value(Scheduler::create(*model_, options_with(16)));
  std::vector<std::shared_ptr<Generation>> generations;
  for (const GenerationRequest& request : requests)
    generations.push_back(expect_value(together->submit(request)));
  while (together->step()) {
  }
  for (size_t i = 0; i < requests.size(); ++i) {
    const auto alone = expect_value(Scheduler::create(*model_, options_with(kContext)));
    EXPECT_EQ(tokens_of(*generations[i]), answer(*alone, requests[i])) << "request " << i;
  }
}

TEST_P(EveryFamily, GoesOnFromWhatWasKeptAndFromASavedState) {
  const std::vector<TokenId> prompt = some_tokens(150, 5);
  const std::vector<TokenId> beginning(prompt.begin(), prompt.begin() + 140);
  const auto scheduler = expect_value(Scheduler::create(*model_, options_with(64)));
  const auto wanted =
      answer(*expect_value(Scheduler::create(*model_, options_with(64))), greedily(prompt, 8));
  answer(*scheduler, greedily(beginning, 4));
  EXPECT_EQ(answer(*scheduler, greedily(prompt, 8)), wanted);
  EXPECT_EQ(answer(*scheduler, greedily(prompt, 8)), wanted) << "once more";

  const KeptTexts kept = scheduler->kept_texts();
  std::vector<std::byte> state(static_cast<size_t>(scheduler->saved_state_size(kept)));
  ASSERT_TRUE(scheduler->save_state(kept, state).ok());
  const auto other = expect_value(Scheduler::create(*model_, options_with(64)));
  const auto restored = other->restore_state(state);
  ASSERT_TRUE(restored.ok()) << restored.error().message;
  EXPECT_EQ(answer(*other, greedily(prompt, 8)), wanted);
}

std::string in_letters(const ::testing::TestParamInfo<std::string>& name) {
  std::string letters = name.param;
  std::replace_if(
      letters.begin(), letters.end(), [](char letter) { return letter == '-' || letter == '.'; }, '_');
  return letters;
}

INSTANTIATE_TEST_SUITE_P(Decoders, EveryFamily, ::testing::ValuesIn(decoders()), in_letters);
INSTANTIATE_TEST_SUITE_P(Decoders, FamilyOnGpu, ::testing::ValuesIn(decoders_on_gpu()), in_letters);

}  // namespace
}  // namespace hearth
