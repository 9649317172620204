// Generations on devices that are lost while they compute.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/runtime/losing_device_testing.h"
#include "engine/runtime/scheduler.h"
#include "engine/runtime/synthetic_model_testing.h"

namespace hearth {
namespace {

using ::testing::ElementsAre;
using testing::expect_value;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class LostDevice : public ::testing::Test {
 protected:
  LostDevice() : model_(testing::load_synthetic("tiny-llama", "reference")) {
    LoadOptions options;
    options.context_size = 256;
    scheduler_ = expect_value(Scheduler::create(*model_, options));
    scheduler_->change_device_with([this](bool to_cpu, const auto& move) {
      moves_.emplace_back(to_cpu ? "cpu" : "again");
      if (!to_cpu && opens_no_more_) return Result<void>(Error{ErrorCode::kUnsupported, "no GPU"});
      LoadOptions chosen;
      chosen.threads = 1;
      chosen.device = to_cpu ? "cpu" : "reference";
      return model_->change_device(chosen, nullptr, move);
    });
  }

  void lose_after(int steps) {
    scheduler_->compute_through(std::make_unique<testing::LosesItself>(model_->backend(), steps));
  }

  std::shared_ptr<Generation> ask(TokenId first) {
    GenerationRequest request;
    for (TokenId token = first; token < first + 70; ++token) request.prompt.push_back(token);
    request.max_tokens = 12;
    request.temperature = 0.0F;
    request.ignore_end = true;
    return expect_value(scheduler_->submit(std::move(request)));
  }

  void finish() {
    while (scheduler_->step()) {
    }
  }

  struct Told {
    std::vector<std::string> warnings;
    std::optional<ComputedBy> computed_by;
    std::optional<Error> error;
  };
  static Told told_of(Generation& generation) {
    Told told;
    while (const auto event = generation.next()) {
      told.warnings.insert(told.warnings.end(), event->warnings.begin(), event->warnings.end());
      if (event->computed_by) told.computed_by = event->computed_by;
      if (event->error) told.error = event->error;
    }
    return told;
  }

  static std::vector<TokenId> tokens_of(const Generation& generation) {
    return {generation.tokens().begin(), generation.tokens().end()};
  }

  std::unique_ptr<Model> model_;
  std::unique_ptr<Scheduler> scheduler_;
  std::vector<std::string> moves_;
  bool opens_no_more_ = false;
};

TEST_F(LostDevice, AnswersGoOnFromTheTokensThatWereThere) {
  const auto alone = ask(1);
  finish();
  lose_after(5);
  const auto first = ask(1);
  const auto second = ask(100);
  finish();
  EXPECT_EQ(tokens_of(*first), tokens_of(*alone));
  EXPECT_THAT(told_of(*first).warnings, ElementsAre("the GPU went away: the answer goes on on a device "
                                                    "that was opened anew"));
  EXPECT_FALSE(told_of(*second).error.has_value());
  EXPECT_THAT(moves_, ElementsAre("again"));
  const auto later = ask(100);
  finish();
  EXPECT_EQ(tokens_of(*later), tokens_of(*second)) << "from what was kept since";
  EXPECT_THAT(told_of(*later).warnings, ElementsAre());
}

TEST_F(LostDevice, TheSecondTimeTheCpuTakesOver) {
  lose_after(2);
  ask(1);
  finish();
  lose_after(3);
  const auto generation = ask(1);
  finish();
  const Told told = told_of(*generation);
  EXPECT_FALSE(told.error.has_value());
  EXPECT_THAT(told.warnings, ElementsAre(HasSubstr("on the CPU")));
  ASSERT_TRUE(told.computed_by.has_value());
  EXPECT_EQ(told.computed_by->device, model_->info().device);
  EXPECT_EQ(told.computed_by->device_reason, model_->info().device_reason);
  EXPECT_THAT(model_->info().device, StartsWith("cpu ("));
  EXPECT_EQ(model_->info().device_reason, "the GPU went away");
  EXPECT_EQ(generation->tokens().size(), 82U);
  EXPECT_THAT(moves_, ElementsAre("again", "cpu"));
  EXPECT_THAT(model_->backend().name(), "cpu");
}

TEST_F(LostDevice, TheCpuTakesOverWhereNoOtherDeviceIsThere) {
  opens_no_more_ = true;
  lose_after(2);
  const auto generation = ask(1);
  finish();
  EXPECT_FALSE(told_of(*generation).error.has_value());
  EXPECT_THAT(moves_, ElementsAre("again", "cpu"));
}

TEST_F(LostDevice, EndsAnswersWhereNothingTakesOver) {
  scheduler_->change_device_with(nullptr);
  lose_after(2);
  const auto generation = ask(1);
  finish();
  const Told told = told_of(*generation);
  ASSERT_TRUE(told.error.has_value());
  EXPECT_EQ(told.error->code, ErrorCode::kDeviceLost);
}

}  // namespace
}  // namespace hearth
