// Steps that are begun and found ready later, on a device that takes its time.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "engine/runtime/scheduler.h"
#include "engine/runtime/test_model.h"

namespace hearth {
namespace {

using testing::expect_value;

class StepTest : public ::testing::Test {
 protected:
  void SetUp() override {
    HEARTH_REQUIRE_TESTDATA();
    model_ = expect_value(Model::load(testing::stories_path(), LoadOptions{.device = "reference"}));
    scheduler_ = expect_value(Scheduler::create(*model_, {}));
  }

  std::shared_ptr<Generation> tell(int32_t tokens) {
    GenerationRequest request;
    request.prompt = model_->tokenizer().encode("", true, true);
    request.max_tokens = tokens;
    request.temperature = 0.0F;
    return expect_value(scheduler_->submit(std::move(request)));
  }

  static std::string text_of(Generation& generation) {
    std::string text;
    while (const auto event = generation.next()) text += event->text;
    return text;
  }

  std::unique_ptr<Model> model_;
  std::unique_ptr<Scheduler> scheduler_;
};

TEST_F(StepTest, GivesTheStoryWithoutEverWaiting) {
  const auto generation = tell(20);
  int not_ready = 0;
  do {
    scheduler_->begin_step();
    const size_t before = generation->tokens().size();
    while (!scheduler_->step_ready()) {
      ++not_ready;
      EXPECT_EQ(generation->tokens().size(), before) << "no token before its step is ready";
    }
  } while (scheduler_->is_busy());
  EXPECT_GT(not_ready, 20) << "the device should have taken its time";
  std::ifstream in(testing::testdata() / "models/stories260K/expected_greedy_200.txt", std::ios::binary);
  const std::string expected{std::istreambuf_iterator<char>(in), {}};
  const std::string text = text_of(*generation);
  EXPECT_GT(text.size(), 20U);
  EXPECT_EQ(text, expected.substr(0, text.size()));
}

TEST_F(StepTest, WhatComesInBetweenWaitsForTheStep) {
  const auto first = tell(4);
  scheduler_->begin_step();
  scheduler_->begin_step();  // changes nothing while one is going on
  const auto second = tell(4);
  const std::vector<TokenId> tokens(first->tokens().begin(), first->tokens().end());
  EXPECT_TRUE(scheduler_->embed({&tokens, 1}, {}).ok());
  EXPECT_GT(first->tokens().size(), 1U) << "its step ended before others used the device";
  while (scheduler_->step()) {
  }
  EXPECT_EQ(text_of(*first), text_of(*second));
}

TEST_F(StepTest, ASchedulerMayGoInTheMiddleOfAStep) {
  const auto generation = tell(4);
  scheduler_->begin_step();
  scheduler_.reset();
  while (const auto event = generation->next()) {
    if (event->finish == FinishReason::kNone) continue;
    EXPECT_EQ(event->finish, FinishReason::kError);
  }
}

TEST_F(StepTest, DraftsAreMadeWithoutWaitingToo) {
  const auto draft = expect_value(Model::load(testing::stories_path(), LoadOptions{.device = "reference"}));
  const std::string plain = [&] {
    const auto generation = tell(20);
    while (scheduler_->step()) {
    }
    return text_of(*generation);
  }();
  scheduler_ = expect_value(Scheduler::create(*model_, {}, draft.get()));
  const auto generation = tell(20);
  do {
    scheduler_->begin_step();
    while (!scheduler_->step_ready()) {
    }
  } while (scheduler_->is_busy());
  EXPECT_EQ(text_of(*generation), plain);
  const auto going = tell(20);
  scheduler_->step();
  scheduler_->begin_step();  // drafts
  scheduler_.reset();
  EXPECT_TRUE(going->finished());
}

TEST_F(StepTest, AStateOfAnotherDeviceIsRefused) {
  const auto on_cpu = expect_value(Model::load(testing::stories_path(), {}));
  const auto other = expect_value(Scheduler::create(*on_cpu, {}));
  std::vector<std::byte> state(static_cast<size_t>(other->saved_state_size(other->kept_texts())));
  ASSERT_TRUE(other->save_state(other->kept_texts(), state).ok());
  EXPECT_TRUE(other->restore_state(state).ok());
  EXPECT_EQ(scheduler_->restore_state(state).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace hearth
