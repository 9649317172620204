// What generations have in common is read once, and an answer may be longer than the context.
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/runtime/scheduler_fixture.h"

namespace hearth {
namespace {

using testing::Answer;
using testing::expect_value;

class SharingTest : public testing::SchedulerFixture {
 protected:
  static std::string long_prompt() {
    std::string text;
    while (text.size() < 800) text += "Lily saw a big dog. ";
    return text;
  }

  static std::unique_ptr<Scheduler> make_roomy(int32_t rows = 512) {
    LoadOptions options;
    options.context_size = 512;
    options.cache_positions = 4096;
    options.max_batch_rows = rows;
    return make(options);
  }
};

TEST_F(SharingTest, SeveralAnswersToOnePromptReadItOnce) {
  const auto scheduler = make_roomy(64);
  GenerationRequest asked = request(long_prompt(), 20, 1.0F);
  const auto length = static_cast<int32_t>(asked.prompt.size());
  std::vector<std::shared_ptr<Generation>> answers;
  for (uint64_t seed = 0; seed < 4; ++seed) {
    asked.seed = seed;
    answers.push_back(expect_value(scheduler->submit(asked)));
  }
  while (scheduler->step()) {
  }
  for (uint64_t seed = 0; seed < 4; ++seed) {
    const Answer answer = collect(*answers[seed]);
    asked.seed = seed;
    EXPECT_EQ(answer.tokens, generate(*make_roomy(), asked).tokens);
    EXPECT_EQ(answer.last.usage.cached_tokens, seed == 0 ? 0 : (length - 1) / 64 * 64);
  }
}

TEST_F(SharingTest, OneThatAsksMoreUrgentlyDoesNotWaitForAnotherToRead) {
  const auto scheduler = make_roomy(64);
  GenerationRequest asked = request(long_prompt(), 1);
  const auto slow = expect_value(scheduler->submit(asked));
  scheduler->step();
  asked.priority = 1;
  const auto urgent = expect_value(scheduler->submit(asked));
  while (!urgent->finished()) scheduler->step();
  EXPECT_FALSE(slow->finished());
}

TEST_F(SharingTest, ARunningGenerationSharesWhatItHasRead) {
  const auto scheduler = make_roomy();
  const auto running = expect_value(scheduler->submit(request(long_prompt(), 100)));
  scheduler->step();
  scheduler->step();
  const Answer other = generate(*scheduler, request(long_prompt() + "The dog", 1));
  EXPECT_GT(other.last.usage.cached_tokens, 100);
  EXPECT_EQ(collect(*running).tokens, generate(*make_roomy(), request(long_prompt(), 100)).tokens);
}

TEST_F(SharingTest, WhatOneSharedStaysWhenItIsCancelled) {
  const auto scheduler = make_roomy(64);
  const auto first = expect_value(scheduler->submit(request(long_prompt(), 5)));
  const auto second = expect_value(scheduler->submit(request(long_prompt(), 5)));
  for (int step = 0; step < 3; ++step) scheduler->step();
  first->cancel();
  while (scheduler->step()) {
  }
  const Answer answer = collect(*second);
  EXPECT_GE(answer.last.usage.cached_tokens, 128);
  EXPECT_EQ(answer.tokens, generate(*make_roomy(), request(long_prompt(), 5)).tokens);
}

TEST_F(SharingTest, WhatOneSaltHasReadIsThereForNoOther) {
  const auto scheduler = make_roomy();
  const auto cached = [&](const std::string& salt) {
    GenerationRequest asked = request(long_prompt(), 5);
    asked.cache_salt = salt;
    return generate(*scheduler, asked).last.usage.cached_tokens;
  };
  EXPECT_EQ(cached("one"), 0);
  const int32_t again = cached("one");
  EXPECT_GT(again, 100);
  EXPECT_EQ(cached("two"), 0);
  EXPECT_EQ(cached(""), 0);
  EXPECT_EQ(cached("two"), again);
}

TEST_F(SharingTest, ASaltWaitsForNoOtherToRead) {
  const auto scheduler = make_roomy(64);
  GenerationRequest asked = request(long_prompt(), 1);
  std::vector<std::shared_ptr<Generation>> readers;
  for (const char* salt : {"one", "one", "two"}) {
    asked.cache_salt = salt;
    readers.push_back(expect_value(scheduler->submit(asked)));
  }
  scheduler->step();
  EXPECT_TRUE(readers[0]->is_let_in());
  EXPECT_FALSE(readers[1]->is_let_in()) << "what the first reads will be there for it";
  EXPECT_TRUE(readers[2]->is_let_in());
}

TEST_F(SharingTest, SavedStatesLeaveOutWhatHasASalt) {
  const auto scheduler = make_roomy();
  const uint64_t of_nothing = scheduler->saved_state_size(scheduler->kept_texts());
  GenerationRequest asked = request(long_prompt(), 5);
  asked.cache_salt = "one";
  generate(*scheduler, asked);
  EXPECT_EQ(scheduler->saved_state_size(scheduler->kept_texts()), of_nothing);
}

TEST_F(SharingTest, ATextIsSavedAndRestoredUnderItsSaltAlone) {
  GenerationRequest asked = request(long_prompt(), 5);
  asked.cache_salt = "one";
  const auto scheduler = make_roomy();
  const std::vector<TokenId> text = generate(*scheduler, asked).tokens;
  const KeptTexts kept = scheduler->kept_text(asked.prompt, "one");
  std::vector<std::byte> state(static_cast<size_t>(scheduler->saved_state_size(kept)));
  ASSERT_TRUE(scheduler->save_state(kept, state).ok());
  const KeptTexts of_nobody = scheduler->kept_text(asked.prompt, "two");
  EXPECT_LT(scheduler->saved_state_size(of_nobody), state.size());

  const auto other = make_roomy();
  ASSERT_TRUE(other->restore_state(state, "two").ok());
  EXPECT_EQ(generate(*other, asked).last.usage.cached_tokens, 0);
  asked.cache_salt = "two";
  const Answer again = generate(*other, asked);
  EXPECT_GT(again.last.usage.cached_tokens, 100);
  EXPECT_EQ(again.tokens, text);
  other->forget_text(asked.prompt, "two");
  EXPECT_EQ(generate(*other, asked).last.usage.cached_tokens, 0);
}

class ShiftTest : public SharingTest {
 protected:
  static GenerationRequest endless(int32_t max_tokens, int32_t keep) {
    GenerationRequest asked = request("Once upon a time, there was a little girl named Lily.", max_tokens);
    asked.ignore_end = true;
    asked.keep_tokens = keep;
    return asked;
  }
  static LoadOptions small() {
    LoadOptions options;
    options.context_size = 128;
    return options;
  }
};

TEST_F(ShiftTest, AnAnswerGoesOnWhereTheContextIsFull) {
  const auto scheduler = make(small());
  const auto generation = expect_value(scheduler->submit(endless(300, 8)));
  size_t shifts = 0;
  size_t length = 0;
  while (scheduler->step()) {
    if (generation->context().size() < length) {
      ++shifts;
      EXPECT_EQ(generation->context().size(), 8U + 60U);
      EXPECT_TRUE(std::equal(generation->context().begin() + 8, generation->context().end(),
                             generation->tokens().end() - 60));
    }
    length = generation->context().size();
    EXPECT_TRUE(std::equal(generation->tokens().begin(), generation->tokens().begin() + 8,
                           generation->context().begin()));
  }
  EXPECT_GE(shifts, 3U);
  const Answer answer = collect(*generation);
  EXPECT_EQ(answer.last.finish, FinishReason::kLength);
  EXPECT_EQ(answer.last.usage.completion_tokens, 300);
}

TEST_F(ShiftTest, TheTextDoesNotDependOnWhatElseRuns) {
  const std::vector<TokenId> alone = generate(*make(small()), endless(300, 8)).tokens;
  const auto scheduler = make(small());  // two pages: one of them is put back again and again
  const auto first = expect_value(scheduler->submit(endless(300, 8)));
  const auto second = expect_value(scheduler->submit(endless(300, 8)));
  while (scheduler->step()) {
  }
  EXPECT_EQ(collect(*first).tokens, alone);
  EXPECT_EQ(collect(*second).tokens, alone);
}

TEST_F(ShiftTest, RefusesToKeepMoreThanHalfOfTheContext) {
  const auto refused = make(small())->submit(endless(300, 65));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace hearth
