#include "engine/runtime/prompt_logprobs.h"

#include <gtest/gtest.h>

#include <vector>

#include "engine/runtime/scheduler_fixture.h"

namespace hearth {
namespace {

using testing::expect_value;

using PromptLogprobs = testing::SchedulerFixture;

TEST_F(PromptLogprobs, AreThoseThatTheModelWroteItsTokensWith) {
  const auto scheduler = make();
  GenerationRequest asked = request("Once upon a time", 12);
  asked.logprobs = 3;
  const auto generation = expect_value(scheduler->submit(asked));
  while (scheduler->step()) {
  }
  std::vector<ChosenLogprob> written;
  while (auto event = generation->next()) {
    written.insert(written.end(), event->logprobs.begin(), event->logprobs.end());
  }
  ASSERT_EQ(written.size(), 12U);
  const auto read = expect_value(prompt_logprobs(*scheduler, *model_, generation->tokens(), 3));
  ASSERT_EQ(read.size(), generation->tokens().size() - 1) << "nothing stands before the first";
  for (size_t i = 0; i < written.size(); ++i) {
    const ChosenLogprob& again = read[read.size() - written.size() + i];
    EXPECT_EQ(again.token, written[i].token);
    EXPECT_EQ(again.logprob, written[i].logprob);
    EXPECT_EQ(again.bytes, written[i].bytes);
    ASSERT_EQ(again.top.size(), 3U);
    EXPECT_EQ(again.top[2].token, written[i].top[2].token);
  }
}

TEST_F(PromptLogprobs, OfOneTokenAreNone) {
  const auto scheduler = make();
  EXPECT_TRUE(expect_value(prompt_logprobs(*scheduler, *model_, std::vector<TokenId>{1}, 0)).empty());
}

TEST_F(PromptLogprobs, RefuseTokensThatThereAreNot) {
  const auto scheduler = make();
  for (const TokenId token : {512, -1}) {
    EXPECT_EQ(prompt_logprobs(*scheduler, *model_, std::vector<TokenId>{1, token}, 0).error().code,
              ErrorCode::kInvalidArgument);
  }
}

}  // namespace
}  // namespace hearth
