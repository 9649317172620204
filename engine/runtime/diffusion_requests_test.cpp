// How writing by diffusion goes with all that a request may ask for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <set>
#include <string>

#include "engine/runtime/diffusion_testing.h"
#include "engine/runtime/prompt_logprobs.h"

namespace hearth {
namespace {

using testing::asked_for;
using testing::collect;
using testing::expect_value;
using ::testing::HasSubstr;
using testing::load_synthetic;
using testing::small;
using testing::some_prompt;
using testing::TokenList;
using testing::write;
using testing::Written;

class DiffusionTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { model_ = load_synthetic("tiny-llada"); }
  static void TearDownTestSuite() { model_.reset(); }
  static std::unique_ptr<Scheduler> make(const LoadOptions& options = small()) {
    return expect_value(Scheduler::create(*model_, options));
  }
  inline static std::unique_ptr<Model> model_;
};

TEST_F(DiffusionTest, CountsWhatIsReadAndWritten) {
  const auto scheduler = make();
  const Written written = write(*scheduler, asked_for(some_prompt(9), 5));
  EXPECT_EQ(written.last.finish, FinishReason::kLength);
  EXPECT_EQ(written.tokens.size(), 5U);
  EXPECT_EQ(written.last.usage.prompt_tokens, 9);
  EXPECT_EQ(written.last.usage.cached_tokens, 0);
  EXPECT_EQ(written.last.usage.completion_tokens, 5);
  const Activity activity = scheduler->activity();
  EXPECT_EQ(activity.prompt_tokens, 9U);
  EXPECT_EQ(activity.completion_tokens, 5U);
  EXPECT_EQ(activity.cache_positions_used, 0);
}

TEST_F(DiffusionTest, WithoutALimitGoesOnCanvasByCanvasUntilTheContextIsFull) {
  const auto scheduler = make(small(200));
  GenerationRequest request = asked_for(some_prompt(20), -1);
  request.diffusion_steps = 8;
  const Written written = write(*scheduler, request);
  EXPECT_EQ(written.last.finish, FinishReason::kLength);
  EXPECT_EQ(written.tokens.size(), 180U);
  const TokenId mask = model_->tokenizer().special().mask;
  EXPECT_EQ(std::ranges::count(written.tokens, mask), 0);
}

TEST_F(DiffusionTest, EndsAtTheFirstEndTokenAndAtStops) {
  const auto scheduler = make();
  const Written whole = write(*scheduler, asked_for(some_prompt(9), 32));
  GenerationRequest request = asked_for(some_prompt(9), 32);
  constexpr size_t kPlace = 10;
  request.stop_tokens = {whole.tokens[kPlace]};
  const Written stopped = write(*scheduler, request);
  EXPECT_EQ(stopped.last.finish, FinishReason::kStop);
  const auto first = std::ranges::find(whole.tokens, whole.tokens[kPlace]);
  EXPECT_EQ(stopped.tokens, TokenList(whole.tokens.begin(), first));

  request.stop_tokens.clear();
  request.stop = {whole.text.substr(whole.text.size() / 2, 3)};
  const Written at_text = write(*scheduler, request);
  EXPECT_EQ(at_text.last.finish, FinishReason::kStop);
  EXPECT_EQ(at_text.last.stop, request.stop.front());
  EXPECT_EQ(at_text.text, whole.text.substr(0, whole.text.find(request.stop.front())));
}

TEST_F(DiffusionTest, HandsOutOnlyWhatIsFinal) {
  const auto scheduler = make();
  const GenerationRequest request = asked_for(some_prompt(9), 64);
  const std::string whole = write(*scheduler, request).text;
  const auto generation = expect_value(scheduler->submit(request));
  std::string text;
  size_t events = 0;
  int steps = 0;
  while (scheduler->step()) {
    ++steps;
    while (const auto event = generation->next()) {
      text += event->text;
      ++events;
    }
    EXPECT_EQ(whole.substr(0, text.size()), text);
    EXPECT_TRUE(steps < 32 || !text.empty()) << "the first block is written";
  }
  EXPECT_GT(events, 2U);
}

TEST_F(DiffusionTest, CanBeCancelledAndHeldBetweenSteps) {
  const auto scheduler = make();
  const GenerationRequest request = asked_for(some_prompt(9), 32);
  const TokenList wanted = write(*scheduler, request).tokens;
  const auto cancelled = expect_value(scheduler->submit(request));
  const auto held = expect_value(scheduler->submit(request));
  for (int i = 0; i < 3; ++i) scheduler->step();
  cancelled->cancel();
  held->hold(true);
  EXPECT_FALSE(scheduler->step());
  EXPECT_EQ(collect(*cancelled, 9).last.finish, FinishReason::kCancelled);
  EXPECT_FALSE(held->finished());
  held->hold(false);
  while (scheduler->step()) {
  }
  EXPECT_EQ(collect(*held, 9).tokens, wanted);
}

TEST_F(DiffusionTest, EqualsTakeTurnsWhereOneCanvasFillsABatch) {
  const auto scheduler = make(small(256, 64));
  std::vector<std::shared_ptr<Generation>> generations;
  for (uint32_t i = 0; i < 3; ++i) {
    generations.push_back(expect_value(scheduler->submit(asked_for(some_prompt(9, i), 32))));
  }
  for (int64_t round = 1; round <= 3; ++round) {
    for (int i = 0; i < 3; ++i) scheduler->step();
    std::set<int64_t> last;
    for (const auto& generation : generations) last.insert(generation->canvas()->last_step());
    EXPECT_EQ(last, (std::set<int64_t>{3 * round - 2, 3 * round - 1, 3 * round}));
  }
  GenerationRequest urgent = asked_for(some_prompt(9, 5), 32);
  urgent.priority = 1;
  const auto first = expect_value(scheduler->submit(urgent));
  for (int i = 0; i < 32; ++i) scheduler->step();
  EXPECT_TRUE(first->finished());
  EXPECT_FALSE(generations.front()->finished());
}

TEST_F(DiffusionTest, AFilledContextHasNoRoomForMore) {
  const auto scheduler = make(small(64));
  GenerationRequest request = asked_for(some_prompt(60), 32);
  const Written written = write(*scheduler, request);
  EXPECT_EQ(written.last.finish, FinishReason::kLength);
  EXPECT_EQ(written.tokens.size(), 4U);
  request.prompt = some_prompt(64);
  EXPECT_EQ(scheduler->submit(request).error().code, ErrorCode::kContextOverflow);
}

TEST_F(DiffusionTest, RefusesByNameWhatNeedsTokensInOrder) {
  const auto scheduler = make();
  const auto refused = [&](const auto& change, const char* name) {
    GenerationRequest request = asked_for(some_prompt(4), 8);
    change(request);
    const auto submitted = scheduler->submit(request);
    ASSERT_FALSE(submitted.ok()) << name;
    EXPECT_EQ(submitted.error().code, ErrorCode::kUnsupported);
    EXPECT_THAT(submitted.error().message, HasSubstr(name));
    EXPECT_THAT(submitted.error().message, HasSubstr("diffusion"));
  };
  refused([](auto& request) { request.grammar = "root ::= \"a\""; }, "grammar");
  refused([](auto& request) { request.regex = "a"; }, "regex");
  refused([](auto& request) { request.choices = {"a", "b"}; }, "choices");
  refused([](auto& request) { request.json_schema = "{}"; }, "jsonSchema");
  refused([](auto& request) { request.reasoning_budget = 5; }, "reasoningBudget");
  refused([](auto& request) { request.keep_tokens = 2; }, "keepTokens");
  refused([](auto& request) { request.speculation = "lookup"; }, "speculation");
  refused([](auto& request) { request.mirostat = 2; }, "mirostat");
  refused([](auto& request) { request.repetition_penalty = 1.1F; }, "repetitionPenalty");
  refused([](auto& request) { request.frequency_penalty = 0.1F; }, "frequencyPenalty");
  refused([](auto& request) { request.presence_penalty = 0.1F; }, "presencePenalty");
  refused([](auto& request) { request.dry_multiplier = 0.8F; }, "dryMultiplier");
}

TEST_F(DiffusionTest, TellsHowLikelyATokenWasWhenItWasRevealed) {
  const auto scheduler = make();
  GenerationRequest request = asked_for(some_prompt(9), 8);
  request.diffusion_block_length = 8;
  request.diffusion_steps = 1;  // all of them by the first step's logits
  request.logprobs = 2;
  const auto generation = expect_value(scheduler->submit(request));
  while (scheduler->step()) {
  }
  std::vector<ChosenLogprob> told;
  while (const auto event = generation->next()) {
    told.insert(told.end(), event->logprobs.begin(), event->logprobs.end());
  }
  TokenList masked = request.prompt;
  masked.resize(17, model_->tokenizer().special().mask);
  std::vector<ChosenLogprob> wanted;
  const auto visit = [&](size_t position, std::span<const float> logits) {
    if (position >= 9) wanted.push_back(logprob_of(generation->tokens()[position], logits, 2));
    return true;
  };
  ASSERT_TRUE(scheduler->logits(masked, 0, visit).ok());
  ASSERT_EQ(told.size(), 8U);
  for (size_t i = 0; i < 8; ++i) {
    EXPECT_EQ(told[i].token, wanted[i].token);
    EXPECT_EQ(told[i].logprob, wanted[i].logprob);
    EXPECT_EQ(told[i].top.size(), 2U);
  }
}

TEST_F(DiffusionTest, OneThatLosesAllItsTokensIsNoMatterOfAnother) {
  const auto scheduler = make();
  GenerationRequest banned = asked_for(some_prompt(9), 8);
  for (TokenId token = 0; token < 512; ++token) {
    banned.logit_bias.push_back({token, -std::numeric_limits<float>::infinity()});
  }
  const auto failing = expect_value(scheduler->submit(banned));
  const auto other = expect_value(scheduler->submit(asked_for(some_prompt(9), 8)));
  while (scheduler->step()) {
  }
  const Written failed = collect(*failing, 9);
  EXPECT_EQ(failed.last.finish, FinishReason::kError);
  EXPECT_THAT(failed.last.error->message, HasSubstr("logitBias"));
  EXPECT_EQ(collect(*other, 9).last.finish, FinishReason::kLength);
}

TEST_F(DiffusionTest, NeedsAMaskAndIsNoDraftModel) {
  SyntheticShape shape = *find_synthetic_shape("tiny-llada");
  shape.vocabulary = "qwen";
  const auto model = load_synthetic(shape);
  const auto scheduler = expect_value(Scheduler::create(*model, small()));
  const auto submitted = scheduler->submit(asked_for(some_prompt(4), 8));
  ASSERT_FALSE(submitted.ok());
  EXPECT_EQ(submitted.error().code, ErrorCode::kInvalidModel);
  EXPECT_THAT(submitted.error().message, HasSubstr("tokenizer.ggml.mask_token_id"));

  const auto llama = load_synthetic("tiny-llama");
  for (const bool drafts : {true, false}) {
    const auto drafted =
        Scheduler::create(drafts ? *llama : *model_, small(), drafts ? model_.get() : llama.get());
    ASSERT_FALSE(drafted.ok());
    EXPECT_THAT(drafted.error().message, HasSubstr("llada"));
  }
}

TEST_F(DiffusionTest, TellsNothingOfTokensByThoseBeforeThem) {
  const auto scheduler = make();
  const auto told = prompt_logprobs(*scheduler, *model_, some_prompt(4), 1);
  ASSERT_FALSE(told.ok());
  EXPECT_EQ(told.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(told.error().message, HasSubstr("llada"));
}

TEST(DiffusionOptions, AreRefusedByModelsThatWriteTokenByToken) {
  const auto model = load_synthetic("tiny-llama");
  const auto scheduler = expect_value(Scheduler::create(*model, small()));
  for (const int option : {0, 1, 2}) {
    GenerationRequest request = asked_for(some_prompt(4), 8);
    if (option == 0) request.diffusion_steps = 8;
    if (option == 1) request.diffusion_block_length = 8;
    if (option == 2) request.diffusion_algorithm = "random";
    const auto submitted = scheduler->submit(request);
    ASSERT_FALSE(submitted.ok());
    EXPECT_EQ(submitted.error().code, ErrorCode::kUnsupported);
    EXPECT_THAT(submitted.error().message, HasSubstr("diffusionSteps"));
  }
}

}  // namespace
}  // namespace hearth
