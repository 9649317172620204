#include "engine/runtime/scheduler.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>

#include "engine/runtime/scheduler_fixture.h"

namespace hearth {
namespace {

using testing::Answer;
using testing::expect_value;

class SchedulerTest : public testing::SchedulerFixture {
 protected:
  /// Requests that differ in length, sampling and end.
  static std::vector<GenerationRequest> mixture() {
    std::vector<GenerationRequest> all;
    const std::string story = "Once upon a time, there was a little girl named Lily. ";
    for (int i = 0; i < 8; ++i) {
      std::string prompt;
      for (int repeat = 0; repeat <= i; ++repeat) prompt += story;
      all.push_back(request(prompt, 20 + 5 * i, i % 2 == 0 ? 0.0F : 1.5F));
    }
    return all;
  }
};

TEST_F(SchedulerTest, TellsTheExpectedStoryToTheByte) {
  std::ifstream in(testing::testdata() / "models/stories260K/expected_greedy_200.txt", std::ios::binary);
  const std::string expected{std::istreambuf_iterator<char>(in), {}};
  for (const BlockType type : {BlockType::kF16, BlockType::kF32}) {
    LoadOptions options;
    options.context_size = 512;
    options.kv_type = type;
    const Answer answer = generate(*make(options), request("", 200));
    EXPECT_EQ(answer.text.substr(0, expected.size()), expected);
    EXPECT_EQ(answer.last.finish, FinishReason::kLength);
    EXPECT_EQ(answer.last.usage.completion_tokens, 200);
  }
}

TEST_F(SchedulerTest, TheSameTextAloneTogetherAndInAnyChunks) {
  std::vector<Answer> alone;
  for (const GenerationRequest& asked : mixture()) {
    LoadOptions roomy;
    roomy.context_size = 512;
    alone.push_back(generate(*make(roomy), asked));
  }
  EXPECT_NE(alone[0].text, alone[2].text);

  for (const int32_t rows : {1, 8, 37, 512}) {
    LoadOptions options;
    options.context_size = 512;
    options.cache_positions = 4096;
    options.max_batch_rows = rows;
    const auto scheduler = make(options);
    std::vector<std::shared_ptr<Generation>> together;
    for (const GenerationRequest& asked : mixture()) {
      together.push_back(expect_value(scheduler->submit(asked)));
    }
    while (scheduler->step()) {
    }
    for (size_t i = 0; i < together.size(); ++i) {
      EXPECT_EQ(collect(*together[i]).tokens, alone[i].tokens) << i << " in batches of " << rows;
    }
  }
}

TEST_F(SchedulerTest, LogitsAreBitEqualHoweverTheTextIsCut) {
  const std::vector<TokenId> tokens = mixture()[2].prompt;
  const auto all_logits = [&](int32_t rows) {
    LoadOptions options;
    options.max_batch_rows = rows;
    std::vector<float> all;
    const auto done = make(options)->logits(tokens, 0, [&](size_t position, std::span<const float> row) {
      EXPECT_EQ(position * 512, all.size());
      all.insert(all.end(), row.begin(), row.end());
      return true;
    });
    EXPECT_TRUE(done.ok());
    return all;
  };
  const std::vector<float> whole = all_logits(512);
  EXPECT_EQ(whole.size(), tokens.size() * 512);
  for (const int32_t rows : {1, 5, 16}) EXPECT_EQ(all_logits(rows), whole);
}

/// The last logits of every prompt, all of them run in one forward pass.
std::vector<float> last_logits(const Model& model, std::span<const GenerationRequest> prompts) {
  const auto states =
      expect_value(StateStore::create(model.backend(), model.network().states(), 4096, BlockType::kF16));
  const int64_t n_vocab = model.spec().n_vocab();
  Forward forward(model.network(), model.weights(), *states, 512);
  std::vector<int32_t> tokens, positions, sequences, outputs;
  std::vector<SequenceState> kv;
  for (const GenerationRequest& prompt : prompts) {
    const auto length = static_cast<int32_t>(prompt.prompt.size());
    kv.emplace_back(*states);
    EXPECT_TRUE(kv.back().extend(length).ok());
    for (int32_t position = 0; position < length; ++position) {
      tokens.push_back(prompt.prompt[static_cast<size_t>(position)]);
      positions.push_back(position);
      sequences.push_back(static_cast<int32_t>(kv.size()) - 1);
    }
    outputs.push_back(static_cast<int32_t>(tokens.size()) - 1);
  }
  std::vector<std::span<const int32_t>> pages;
  for (const SequenceState& sequence : kv) pages.push_back(sequence.pages());
  std::vector<float> logits(outputs.size() * static_cast<size_t>(n_vocab));
  EXPECT_TRUE(forward.begin_logits({tokens, {positions, sequences, pages}, outputs}, logits).ok());
  EXPECT_TRUE(model.backend().wait().ok());
  return logits;
}

TEST_F(SchedulerTest, LogitsAreBitEqualAloneAndTogether) {
  const std::vector<GenerationRequest> prompts = mixture();
  std::vector<float> alone;
  for (const GenerationRequest& prompt : prompts) {
    const std::vector<float> logits = last_logits(*model_, {&prompt, 1});
    alone.insert(alone.end(), logits.begin(), logits.end());
  }
  EXPECT_EQ(last_logits(*model_, prompts), alone);
}

TEST_F(SchedulerTest, PutsGenerationsBackWhenRoomRunsOutAndChangesNothing) {
  LoadOptions options;
  options.context_size = 256;  // four pages for four generations that want four each
  const auto scheduler = make(options);
  std::vector<std::shared_ptr<Generation>> together;
  std::vector<std::string> alone;
  for (int i = 0; i < 4; ++i) {
    GenerationRequest asked = request("One day", 200, 1.0F);
    asked.seed = static_cast<uint64_t>(i);
    asked.ignore_end = true;
    alone.push_back(generate(*make(), asked).text);
    together.push_back(expect_value(scheduler->submit(asked)));
  }
  while (scheduler->step()) {
  }
  for (size_t i = 0; i < together.size(); ++i) {
    const Answer answer = collect(*together[i]);
    EXPECT_EQ(answer.text, alone[i]);
    EXPECT_EQ(answer.last.finish, FinishReason::kLength);
  }
}

TEST_F(SchedulerTest, EndsAtAStopStringAcrossTokens) {
  GenerationRequest asked = request("", 200);
  asked.stop = {"little girl named"};
  const Answer answer = generate(*make(), asked);
  EXPECT_EQ(answer.text, "Once upon a time, there was a ");
  EXPECT_EQ(answer.last.finish, FinishReason::kStop);
}

TEST_F(SchedulerTest, EndsAtAStopTokenWhichIsNotPartOfTheAnswer) {
  GenerationRequest asked = request("", 200);
  asked.stop_tokens = {378};  // " time" in the expected story
  const Answer answer = generate(*make(), asked);
  EXPECT_EQ(answer.text, "Once upon a");
  EXPECT_EQ(answer.last.finish, FinishReason::kStop);
  EXPECT_EQ(answer.last.usage.completion_tokens, 3);
}

TEST_F(SchedulerTest, EndsWhereTheContextIsFull) {
  LoadOptions options;
  options.context_size = 32;
  GenerationRequest asked = request("", -1);
  asked.ignore_end = true;
  const Answer answer = generate(*make(options), asked);
  EXPECT_EQ(answer.last.finish, FinishReason::kLength);
  EXPECT_EQ(answer.tokens.size(), 32U);
}

TEST_F(SchedulerTest, APromptTooLongFailsAloneAndSaysWhy) {
  LoadOptions options;
  options.context_size = 64;
  const auto scheduler = make(options);
  const auto good = expect_value(scheduler->submit(request("Once", 5)));
  const auto bad = scheduler->submit(request(std::string(500, 'x'), 5));
  ASSERT_FALSE(bad.ok());
  EXPECT_EQ(bad.error().code, ErrorCode::kContextOverflow);
  EXPECT_THAT(bad.error().message, ::testing::HasSubstr("64"));
  while (scheduler->step()) {
  }
  EXPECT_EQ(collect(*good).last.finish, FinishReason::kLength);
}

TEST_F(SchedulerTest, RefusesRequestsWithoutMeaning) {
  const auto scheduler = make();
  const auto refused = [&](auto change) {
    GenerationRequest asked = request("Once", 5);
    change(asked);
    const auto result = scheduler->submit(asked);
    return !result.ok() && result.error().code == ErrorCode::kInvalidArgument;
  };
  EXPECT_TRUE(refused([](GenerationRequest& r) { r.prompt.clear(); }));
  EXPECT_TRUE(refused([](GenerationRequest& r) { r.prompt = {1, 512}; }));
  EXPECT_TRUE(refused([](GenerationRequest& r) { r.prompt = {-1}; }));
  EXPECT_TRUE(refused([](GenerationRequest& r) { r.stop_tokens = {512}; }));
  EXPECT_TRUE(refused([](GenerationRequest& r) { r.stop = {""}; }));
  LoadOptions options;
  options.cache_positions = 10;
  EXPECT_FALSE(Scheduler::create(*model_, options).ok());
}

TEST_F(SchedulerTest, CancelsWithinOneStep) {
  const auto scheduler = make();
  const auto stopped = expect_value(scheduler->submit(request("", 200)));
  const auto goes_on = expect_value(scheduler->submit(request("", 20)));
  for (int i = 0; i < 5; ++i) scheduler->step();
  stopped->cancel();
  scheduler->step();
  EXPECT_TRUE(stopped->finished());
  const Answer answer = collect(*stopped);
  EXPECT_EQ(answer.last.finish, FinishReason::kCancelled);
  EXPECT_EQ(answer.last.usage.completion_tokens, 5);
  while (scheduler->step()) {
  }
  EXPECT_EQ(collect(*goes_on).last.finish, FinishReason::kLength);
}

TEST_F(SchedulerTest, CancelsWhatIsStillWaiting) {
  LoadOptions options;
  options.max_sequences = 1;
  const auto scheduler = make(options);
  const auto first = expect_value(scheduler->submit(request("", 10)));
  const auto second = expect_value(scheduler->submit(request("", 10)));
  scheduler->step();
  second->cancel();
  scheduler->step();
  EXPECT_EQ(collect(*second).last.finish, FinishReason::kCancelled);
  EXPECT_FALSE(first->finished());
}

TEST_F(SchedulerTest, ComputesNothingForWhatIsHeldAndGivesItsPlaceToOthers) {
  LoadOptions options;
  options.max_sequences = 1;
  const auto scheduler = make(options);
  const GenerationRequest asked = request("", 150);
  const auto held = expect_value(scheduler->submit(asked));
  for (int i = 0; i < 100; ++i) scheduler->step();
  held->hold(true);
  const auto other = expect_value(scheduler->submit(request("Once", 20)));
  while (scheduler->step()) {
  }
  EXPECT_TRUE(other->finished());
  EXPECT_EQ(held->tokens().size(), asked.prompt.size() + 100);
  held->hold(false);
  while (scheduler->step()) {
  }
  EXPECT_EQ(collect(*held).tokens, generate(*make(), asked).tokens);
}

TEST_F(SchedulerTest, CancelsWhatIsHeld) {
  const auto scheduler = make();
  const auto held = expect_value(scheduler->submit(request("", 20)));
  scheduler->step();
  held->hold(true);
  EXPECT_FALSE(scheduler->step());
  held->cancel();
  EXPECT_FALSE(scheduler->step());
  EXPECT_EQ(collect(*held).last.finish, FinishReason::kCancelled);
}

TEST_F(SchedulerTest, ASavedStateSparesReadingAgain) {
  const auto scheduler = make();
  GenerationRequest first = request("Once upon a time, there was a little girl named Lily.", 100);
  GenerationRequest second = first;
  second.prompt = generate(*scheduler, first).tokens;
  second.max_tokens = 30;
  std::vector<std::byte> state(static_cast<size_t>(scheduler->saved_state_size(scheduler->kept_texts())));
  ASSERT_TRUE(scheduler->save_state(scheduler->kept_texts(), state).ok());
  const auto later = make();
  ASSERT_TRUE(later->restore_state(state).ok());
  const Answer answer = generate(*later, second);
  EXPECT_GE(answer.last.usage.cached_tokens, 64);
  EXPECT_EQ(answer.tokens, generate(*make(), second).tokens);
}

TEST_F(SchedulerTest, AShortPromptDoesNotWaitBehindALongOne) {
  LoadOptions options;
  options.max_batch_rows = 16;
  const auto scheduler = make(options);
  std::string long_prompt;
  while (long_prompt.size() < 800) long_prompt += "Lily saw a big dog. ";
  const auto slow = expect_value(scheduler->submit(request(long_prompt, 3)));
  const auto quick = expect_value(scheduler->submit(request("Once", 3)));
  scheduler->step();
  EXPECT_EQ(quick->tokens().size(), request("Once", 3).prompt.size() + 1);
  while (scheduler->step()) {
  }
  EXPECT_TRUE(slow->finished());
}

TEST_F(SchedulerTest, TheNextTurnReusesWhatTheLastOneComputed) {
  const auto scheduler = make();
  GenerationRequest first = request("Once upon a time, there was a little girl named Lily.", 100);
  const Answer begun = generate(*scheduler, first);
  GenerationRequest second = first;
  second.prompt = begun.tokens;
  second.max_tokens = 30;
  const Answer reused = generate(*scheduler, second);
  EXPECT_EQ(reused.last.usage.cached_tokens, static_cast<int32_t>((begun.tokens.size() - 1) / 64 * 64));
  EXPECT_GE(reused.last.usage.cached_tokens, 64);
  EXPECT_EQ(reused.tokens, generate(*make(), second).tokens);
}

TEST_F(SchedulerTest, SaysWhenNoTokenIsLeftToChoose) {
  GenerationRequest asked = request("Once", 5);
  for (TokenId token = 0; token < 512; ++token) {
    asked.logit_bias.push_back({token, -std::numeric_limits<float>::infinity()});
  }
  const Answer answer = generate(*make(), asked);
  EXPECT_EQ(answer.last.finish, FinishReason::kError);
  EXPECT_EQ(answer.last.error->code, ErrorCode::kInvalidModel);
}

TEST_F(SchedulerTest, ClosingEndsWhatIsStillGoing) {
  auto scheduler = make();
  const auto generation = expect_value(scheduler->submit(request("", 10)));
  scheduler->step();
  scheduler.reset();
  EXPECT_EQ(collect(*generation).last.error->code, ErrorCode::kDisposed);
}

TEST_F(SchedulerTest, NoPageIsLostOverManyGenerations) {
  LoadOptions options;
  options.context_size = 128;  // two pages in all
  options.max_batch_rows = 24;
  const auto scheduler = make(options);
  RandomStream random(3);
  std::vector<std::shared_ptr<Generation>> all;
  for (int round = 0; round < 300; ++round) {
    if (random.uniform() < 0.3) {
      const auto length = static_cast<int32_t>(1 + random.uniform() * 100);
      all.push_back(expect_value(scheduler->submit(
          request(std::string(static_cast<size_t>(length), "abc"[length % 3]), 1 + length % 60, 1.0F))));
    }
    if (!all.empty() && random.uniform() < 0.1) {
      all[static_cast<size_t>(random.uniform() * static_cast<double>(all.size()))]->cancel();
    }
    scheduler->step();
  }
  while (scheduler->step()) {
  }
  for (const auto& generation : all) EXPECT_TRUE(generation->finished());
  const std::vector<TokenId> whole_context(128, 300);
  EXPECT_TRUE(
      scheduler->logits(whole_context, 127, [](size_t, std::span<const float>) { return true; }).ok());
}

TEST_F(SchedulerTest, PlainPassesMakeRoomAmongGenerations) {
  LoadOptions options;
  options.context_size = 64;
  const auto scheduler = make(options);
  const auto generation = expect_value(scheduler->submit(request("", 20)));
  scheduler->step();
  const std::vector<TokenId> tokens = request("Once upon a time", 1).prompt;
  EXPECT_TRUE(scheduler->embed({&tokens, 1}, {}).ok());
  while (scheduler->step()) {
  }
  EXPECT_EQ(collect(*generation).text, generate(*make(), request("", 20)).text);
}

}  // namespace
}  // namespace hearth
