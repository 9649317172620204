// Layers that take turns in a GPU's memory: answers are those of a GPU that holds them all, and each layer is
// copied once a step. On the reference device, and on any device of Vulkan.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/compute/backend_testing.h"
#include "engine/runtime/losing_device_testing.h"
#include "engine/runtime/scheduler.h"
#include "engine/runtime/test_model.h"
#include "testing/synthetic/synthetic_model.h"

namespace hearth {
namespace {

using ::testing::AllOf;
using testing::expect_value;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr int32_t kLayers = 4;

class GpuStreaming : public ::testing::Test {
 protected:
  void SetUp() override { write_model("tiny-llama"); }

  /// In types that make layers of different sizes.
  void write_model(std::string_view name) {
    SyntheticShape shape = *find_synthetic_shape(name);
    shape.n_layer = kLayers;
    GgufWriter writer;
    ASSERT_TRUE(add_synthetic_model(shape, expect_value(find_type_mix("Q4_K_M")), 1, writer).ok());
    file_ = expect_value(writer.write_to_memory());
  }

  Result<std::unique_ptr<Model>> load() const {
    const auto read = [this](uint64_t offset, std::span<std::byte> into) {
      if (is_gone_) return false;
      if (on_read_) on_read_();
      std::copy_n(file_.begin() + static_cast<ptrdiff_t>(offset), into.size(), into.begin());
      return true;
    };
    return Model::load({read_with(read, file_.size(), "read")}, options_);
  }

  /// With the least memory that does, in steps of a few hundred bytes.
  std::unique_ptr<Model> load_streamed() {
    LoadOptions tried = options_;
    std::swap(tried, options_);
    options_.device = "reference";
    options_.gpu_streaming = true;
    uint64_t too_little = 0;
    uint64_t enough = 1 << 26;
    while (enough - too_little > 256) {
      options_.gpu_memory = (too_little + enough) / 2;
      (load().ok() ? enough : too_little) = options_.gpu_memory;
    }
    options_.gpu_memory = enough;
    options_.device = tried.device;
    return expect_value(load());
  }

  std::unique_ptr<Scheduler> schedule(const Model& model) const {
    return expect_value(Scheduler::create(model, options_));
  }

  static GenerationRequest request(TokenId first, int32_t length) {
    GenerationRequest request;
    for (TokenId token = first; token < first + length; ++token) request.prompt.push_back(token);
    request.max_tokens = 4;
    request.temperature = 0.0F;
    request.ignore_end = true;
    return request;
  }

  static std::vector<float> logits_of(Scheduler& scheduler) {
    std::vector<TokenId> tokens(20);
    for (size_t i = 0; i < tokens.size(); ++i) tokens[i] = static_cast<TokenId>(7 * i % 500);
    std::vector<float> all;
    const auto done = scheduler.logits(tokens, 0, [&](size_t, std::span<const float> logits) {
      all.insert(all.end(), logits.begin(), logits.end());
      return true;
    });
    EXPECT_TRUE(done.ok()) << done.error().message;
    return all;
  }

  /// Of three requests at once.
  static std::vector<std::vector<TokenId>> answers_of(Scheduler& scheduler) {
    std::vector<std::shared_ptr<Generation>> generations;
    for (const auto& [first, length] : {std::pair(1, 14), std::pair(100, 5), std::pair(200, 20)})
      generations.push_back(expect_value(scheduler.submit(request(first, length))));
    while (scheduler.step()) {
    }
    std::vector<std::vector<TokenId>> answers;
    for (const auto& generation : generations)
      answers.emplace_back(generation->tokens().begin(), generation->tokens().end());
    return answers;
  }

  std::vector<std::byte> file_;
  LoadOptions options_{
      .context_size = 128, .max_sequences = 4, .max_batch_rows = 16, .threads = 1, .device = "reference"};
  bool is_gone_ = false;
  std::function<void()> on_read_;
};

class StreamingDevice : public GpuStreaming, public ::testing::WithParamInterface<std::string> {
 protected:
  void SetUp() override {
    if (GetParam() == "gpu") {
      HEARTH_REQUIRE_GPU();
    }
    options_.device = GetParam();
    write_model("tiny-mixtral");
  }
};

TEST_P(StreamingDevice, ChangesNoBitOfLogitsAndAnswers) {
  const auto whole = expect_value(load());
  const auto wanted = schedule(*whole);
  const auto streamed = load_streamed();
  ASSERT_LT(streamed->weight_statistics().layers_resident, kLayers);
  const auto scheduler = schedule(*streamed);
  EXPECT_EQ(logits_of(*scheduler), logits_of(*wanted));
  EXPECT_EQ(answers_of(*scheduler), answers_of(*wanted));
}

INSTANTIATE_TEST_SUITE_P(, StreamingDevice, ::testing::Values("reference", "gpu"),
                         [](const auto& device) { return device.param; });

TEST_F(GpuStreaming, CopiesEachLayerThatDoesNotStayOnceAStep) {
  const auto model = load_streamed();
  EXPECT_EQ(model->weight_statistics().layers_resident, 0);
  uint64_t bytes = 0;
  const Gguf gguf = expect_value(Gguf::parse(borrow_memory(file_)));
  for (const GgufTensor& tensor : gguf.tensors()) {
    if (tensor.name.starts_with("blk.") && tensor.name.find("norm") == std::string_view::npos)
      bytes += tensor.bytes;
  }
  const auto scheduler = schedule(*model);
  const auto generation = expect_value(scheduler->submit(request(1, 8)));
  uint64_t before = 0;
  for (int step = 0; step < 3; ++step) {
    ASSERT_TRUE(scheduler->step());
    const uint64_t now = model->weight_statistics().bytes_read;
    EXPECT_EQ(now - std::exchange(before, now), bytes);
  }
  generation->cancel();
}

/// Where they are not streamed, parts of prompts are read beside answers that go on.
TEST_F(GpuStreaming, ReadsPromptsWholeBesideAnswers) {
  options_.max_batch_rows = 110;
  options_.cache_positions = 512;
  const auto model = load_streamed();
  const auto scheduler = schedule(*model);
  const auto going_on = expect_value(scheduler->submit(request(1, 8)));
  ASSERT_TRUE(scheduler->step());
  const auto next = expect_value(scheduler->submit(request(100, 100)));
  ASSERT_TRUE(scheduler->step());
  EXPECT_EQ(going_on->tokens().size(), 8U + 2U);
  EXPECT_EQ(next->tokens().size(), 100U + 1U);
}

TEST_F(GpuStreaming, LeavesAsManyLayersOnTheDeviceAsFit) {
  load_streamed();
  options_.gpu_memory += file_.size() / 2;
  const auto model = expect_value(load());
  const int32_t resident = model->weight_statistics().layers_resident;
  EXPECT_GT(resident, 0);
  EXPECT_LT(resident, kLayers);
  EXPECT_THAT(model->info().device_reason,
              AllOf(StartsWith(fmt::format("{} of {} layers stay in the {} bytes", resident, kLayers,
                                           options_.gpu_memory)),
                    HasSubstr("copied to it in every step")));
  options_.gpu_memory += file_.size();
  EXPECT_EQ(expect_value(load())->info().device_reason, "");
}

TEST_F(GpuStreaming, SharesLayersWithTheCpu) {
  options_.gpu_layers = kLayers / 2;
  const auto whole = expect_value(load());
  const auto wanted = answers_of(*schedule(*whole));
  const auto model = load_streamed();
  EXPECT_THAT(model->info().device, HasSubstr(fmt::format("from layer {} on, cpu", kLayers / 2)));
  EXPECT_THAT(model->info().device_reason, StartsWith(fmt::format("0 of {} layers stay", kLayers / 2)));
  EXPECT_EQ(answers_of(*schedule(*model)), wanted);
  EXPECT_GT(model->weight_statistics().bytes_read, 0U);
}

TEST_F(GpuStreaming, SaysHowMuchMemoryIsMissing) {
  load_streamed();
  options_.gpu_memory -= 256;
  const auto refused = load();
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kOutOfMemory);
  EXPECT_THAT(refused.error().message,
              AllOf(StartsWith("gpuStreaming: a GPU needs "), HasSubstr("for keys and values"),
                    HasSubstr(fmt::format("may take {}", options_.gpu_memory))));
}

TEST_F(GpuStreaming, GoesOnAfterAnAnswerWasCancelledBetweenLayers) {
  const auto model = load_streamed();
  const auto scheduler = schedule(*model);
  const auto wanted = answers_of(*scheduler);
  const auto cancelled = expect_value(scheduler->submit(request(300, 40)));
  on_read_ = [&] { cancelled->cancel(); };
  const uint64_t before = model->weight_statistics().bytes_read;
  while (scheduler->step()) {
  }
  on_read_ = nullptr;
  EXPECT_LT(model->weight_statistics().bytes_read - before, file_.size() / 2) << "of one layer";
  EXPECT_EQ(answers_of(*scheduler), wanted);
}

TEST_F(GpuStreaming, EndsAnswersWhereTheFileIsGoneAndGoesOnWhereItIsBack) {
  const auto model = load_streamed();
  const auto scheduler = schedule(*model);
  is_gone_ = true;
  const auto generation = expect_value(scheduler->submit(request(1, 8)));
  while (scheduler->step()) {
  }
  std::optional<Error> error;
  while (const auto event = generation->next()) {
    if (event->error) error = event->error;
  }
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code, ErrorCode::kIo);
  is_gone_ = false;
  const auto again = answers_of(*scheduler);
  EXPECT_EQ(answers_of(*schedule(*model)), again);
}

TEST_F(GpuStreaming, GoesOnOnADeviceOpenedAnew) {
  const auto model = load_streamed();
  const auto wanted = answers_of(*schedule(*model));
  const auto scheduler = schedule(*model);
  scheduler->change_device_with([&](bool to_cpu, const auto& move) {
    EXPECT_FALSE(to_cpu);
    return model->change_device(options_, nullptr, move);
  });
  scheduler->compute_through(std::make_unique<testing::LosesItself>(model->backend(), 3));
  EXPECT_EQ(answers_of(*scheduler), wanted);
  EXPECT_EQ(model->weight_statistics().layers_resident, 0);
}

}  // namespace
}  // namespace hearth
