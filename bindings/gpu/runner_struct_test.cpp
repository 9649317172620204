// What goes to this machine's GPU by way of the struct, from the engine's runner to its runner again.
#include "bindings/gpu/runner_struct.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "engine/compute/gpu/vulkan/make_runner.h"

namespace hearth {
namespace {

class RunnerStructTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto runner = gpu::vulkan::make_runner();
    if (!runner.ok()) GTEST_SKIP() << runner.error().message;
    struct_ = std::make_unique<RunnerStruct>(std::move(runner).value());
  }

  std::unique_ptr<RunnerStruct> struct_;
};

struct Answer {
  std::string device;
  std::vector<float> logits;
};

/// Of a small model, for all positions of a text.
Answer answer_on(const char* options_json, const hearth_gpu_runner* gpu) {
  const std::vector<int32_t> tokens{1, 50, 80, 7, 120, 33, 4, 90, 15};
  hearth_model_options options;
  hearth_model_options_init(&options, sizeof options);
  options.json = options_json;
  options.gpu = gpu;
  hearth_model* model = nullptr;
  EXPECT_EQ(hearth_model_load_path("models/hearth-spark.gguf", &options, &model), HEARTH_OK)
      << hearth_error_message();
  if (model == nullptr) return {};
  hearth_model_info info;
  info.struct_size = sizeof info;
  EXPECT_EQ(hearth_model_get_info(model, &info), HEARTH_OK);
  Answer answer{info.device, std::vector<float>(tokens.size() * static_cast<size_t>(info.vocab_size))};
  EXPECT_EQ(hearth_logits(model, tokens.data(), tokens.size(), 0, answer.logits.data(), answer.logits.size()),
            HEARTH_OK)
      << hearth_error_message();
  hearth_model_free(model);
  return answer;
}

TEST_F(RunnerStructTest, ComputesWhatTheRunnerItselfDoes) {
  const Answer own = answer_on(R"({"device": "vulkan"})", nullptr);
  const Answer brought = answer_on(R"({"device": "gpu"})", &struct_->functions());
  EXPECT_EQ(brought.device, own.device);
  // The same kernels for the same device: the same bits.
  EXPECT_EQ(brought.logits, own.logits);
}

TEST_F(RunnerStructTest, TellsWhatKernelsTook) {
  const hearth_gpu_runner& runner = struct_->functions();
  runner.begin_profile(runner.user);
  (void)answer_on(R"({"device": "gpu"})", &runner);
  const auto time_of = [&](const char* name) {
    uint32_t kernel = 0;
    EXPECT_EQ(runner.kernel(runner.user, name, &kernel), HEARTH_OK);
    hearth_gpu_kernel_time time{};
    runner.kernel_time(runner.user, kernel, &time);
    return time;
  };
  EXPECT_GT(time_of("clear").calls, 0U);
  EXPECT_GT(time_of("clear").seconds, 0.0);
  EXPECT_EQ(time_of("wkv7").calls, 0U);
}

TEST_F(RunnerStructTest, SaysWhatTheRunnerRefuses) {
  const hearth_gpu_runner& runner = struct_->functions();
  uint32_t kernel = 0;
  EXPECT_EQ(runner.kernel(runner.user, "no_such_kernel", &kernel), HEARTH_UNSUPPORTED);
  EXPECT_NE(std::string(runner.message(runner.user)).find("no_such_kernel"), std::string::npos);
}

}  // namespace
}  // namespace hearth
