// A GPU that goes away after some submissions, wherever in a step that is, and a draft model's that does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/compute/gpu/limited_gpu.h"
#include "engine/runtime/scheduler.h"
#include "engine/runtime/synthetic_model_testing.h"

namespace hearth {
namespace {

using ::testing::ElementsAre;
using testing::expect_value;
using ::testing::HasSubstr;

/// Devices that all compute by one of Vulkan.
class LostGpu : public ::testing::Test {
 protected:
  static void TearDownTestSuite() { vulkan_.reset(); }
  void SetUp() override {
    if (vulkan_ != nullptr) return;
    auto runner = gpu::vulkan::make_runner();
    if (!runner.ok()) GTEST_SKIP() << runner.error().message;
    vulkan_ = std::move(runner).value();
  }

  /// That is lost after so many submissions; below 0: never.
  static gpu::MakeRunner lost_after(int64_t submissions) {
    return [submissions]() -> Result<std::unique_ptr<gpu::Runner>> {
      auto runner = std::make_unique<LimitedRunner>(vulkan_);
      if (submissions >= 0) runner->submissions_left = submissions;
      return std::unique_ptr<gpu::Runner>(std::move(runner));
    };
  }

  static std::unique_ptr<Model> load(const gpu::MakeRunner& gpu) {
    GgufWriter writer;
    EXPECT_TRUE(add_synthetic_model(*find_synthetic_shape("tiny-llama"), expect_value(find_type_mix("F32")),
                                    1, writer)
                    .ok());
    return expect_value(
        Model::load({own_memory(expect_value(writer.write_to_memory()))}, on_gpu(), nullptr, gpu));
  }
  static LoadOptions on_gpu() { return {.threads = 1, .device = "gpu"}; }

  static std::shared_ptr<Generation> ask(Scheduler& scheduler, TokenId first,
                                         const char* speculation = "off") {
    GenerationRequest request;
    for (TokenId token = first; token < first + 20; ++token) request.prompt.push_back(token);
    request.max_tokens = 8;
    request.temperature = 0.0F;
    request.ignore_end = true;
    request.speculation = speculation;
    return expect_value(scheduler.submit(std::move(request)));
  }

  static void finish(Scheduler& scheduler) {
    while (scheduler.step()) {
    }
  }

  static std::vector<std::string> warnings_of(Generation& generation) {
    std::vector<std::string> warnings;
    while (const auto event = generation.next()) {
      EXPECT_FALSE(event->error.has_value()) << event->error->message;
      warnings.insert(warnings.end(), event->warnings.begin(), event->warnings.end());
    }
    return warnings;
  }

  static std::vector<TokenId> tokens_of(const Generation& generation) {
    return {generation.tokens().begin(), generation.tokens().end()};
  }

  static LoadOptions small() {
    LoadOptions options;
    options.context_size = 128;
    return options;
  }

  inline static std::shared_ptr<gpu::Runner> vulkan_;
};

TEST_F(LostGpu, AnswersAreTheSameWhereverItIsLost) {
  std::vector<std::vector<TokenId>> undisturbed;
  for (const int64_t submissions : {-1, 2, 5, 9}) {
    const auto model = load(lost_after(submissions));
    const auto scheduler = expect_value(Scheduler::create(*model, small()));
    int moves = 0;
    scheduler->change_device_with([&](bool to_cpu, const auto& move) {
      EXPECT_FALSE(to_cpu);
      ++moves;
      return model->change_device(on_gpu(), lost_after(-1), move);
    });
    const std::vector generations{ask(*scheduler, 1), ask(*scheduler, 100)};
    finish(*scheduler);
    std::vector<std::vector<TokenId>> tokens;
    for (const auto& generation : generations) {
      warnings_of(*generation);
      tokens.push_back(tokens_of(*generation));
    }
    if (undisturbed.empty()) undisturbed = tokens;
    EXPECT_EQ(tokens, undisturbed) << submissions;
    EXPECT_EQ(moves, submissions < 0 ? 0 : 1) << submissions;
  }
}

TEST_F(LostGpu, OfADraftModelOnlyTheDraftsAreLost) {
  const auto model = testing::load_synthetic("tiny-llama");
  const auto draft = load(lost_after(6));
  const auto scheduler = expect_value(Scheduler::create(*model, small(), draft.get()));
  const auto undisturbed = ask(*scheduler, 1);
  const auto drafted = ask(*scheduler, 1, "draft");
  finish(*scheduler);
  EXPECT_EQ(tokens_of(*drafted), tokens_of(*undisturbed));
  EXPECT_THAT(warnings_of(*drafted),
              ElementsAre(HasSubstr("the draft model is left out: the GPU went away")));
  const auto later = ask(*scheduler, 1, "draft");
  finish(*scheduler);
  EXPECT_EQ(tokens_of(*later), tokens_of(*undisturbed));
  EXPECT_THAT(warnings_of(*later), ElementsAre());
}

}  // namespace
}  // namespace hearth
