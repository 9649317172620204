// What users do with models that remember in states of one size, which cannot be cut shorter: conversations
// that go on, that are answered once more and said otherwise; answers that are longer than the context, that
// are cancelled, that are to be drafted.
#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "engine/runtime/scheduler.h"
#include "engine/runtime/synthetic_model_testing.h"

namespace hearth {
namespace {

using testing::expect_value;

std::vector<TokenId> numbers(size_t count, uint32_t state) {
  std::vector<TokenId> tokens;
  while (tokens.size() < count) {
    state = state * 1103515245U + 12345U;
    tokens.push_back(static_cast<TokenId>(3 + (state >> 8) % 500));
  }
  return tokens;
}

std::vector<TokenId> joined(std::vector<TokenId> text, const std::vector<TokenId>& more) {
  text.insert(text.end(), more.begin(), more.end());
  return text;
}

GenerationRequest asked(std::vector<TokenId> prompt, int32_t count) {
  GenerationRequest request;
  request.prompt = std::move(prompt);
  request.max_tokens = count;
  request.temperature = 0.0F;
  request.ignore_end = true;
  return request;
}

class KeptStates : public ::testing::TestWithParam<const char*> {
 protected:
  void SetUp() override { model_ = testing::load_synthetic(GetParam()); }

  std::unique_ptr<Scheduler> make(int32_t context_size = 512) const {
    LoadOptions options;
    options.context_size = context_size;
    options.cache_positions = 4 * context_size;
    options.max_sequences = 4;
    options.max_batch_rows = 64;
    return expect_value(Scheduler::create(*model_, options));
  }

  static GenerationEvent run(Scheduler& scheduler, Generation& generation) {
    while (scheduler.step()) {
    }
    GenerationEvent last;
    while (auto event = generation.next()) last = std::move(*event);
    return last;
  }

  static std::vector<TokenId> tokens_of(const Generation& generation) {
    return {generation.tokens().begin(), generation.tokens().end()};
  }

  std::vector<TokenId> alone(const GenerationRequest& request) const {
    const auto scheduler = make();
    const auto generation = expect_value(scheduler->submit(request));
    run(*scheduler, *generation);
    return tokens_of(*generation);
  }

  /// The whole text, which must be what comes of the request where nothing is kept, and how much of the
  /// prompt was.
  struct Said {
    std::vector<TokenId> text;
    int32_t cached;
  };
  Said say(Scheduler& scheduler, const std::vector<TokenId>& prompt, int32_t count) const {
    const GenerationRequest request = asked(prompt, count);
    const auto generation = expect_value(scheduler.submit(request));
    const GenerationEvent last = run(scheduler, *generation);
    EXPECT_EQ(tokens_of(*generation), alone(request));
    return {tokens_of(*generation), last.usage.cached_tokens};
  }

  std::unique_ptr<Model> model_;
};

TEST_P(KeptStates, AConversationGoesOnIsAnsweredOnceMoreAndSaidOtherwise) {
  const auto scheduler = make();
  const std::vector<TokenId> system = numbers(70, 1);
  const std::vector<TokenId> question = joined(system, numbers(80, 2));
  const Said first = say(*scheduler, question, 70);
  EXPECT_EQ(first.cached, 0);
  EXPECT_EQ(say(*scheduler, question, 70).cached, 128) << "once more: from the prompt's last page";

  const std::vector<TokenId> next = joined(first.text, numbers(20, 3));
  EXPECT_EQ(say(*scheduler, next, 10).cached, 192) << "the next turn: from the answer's last page";
  EXPECT_EQ(say(*scheduler, next, 30).cached, 192);
  EXPECT_EQ(say(*scheduler, question, 5).cached, 128) << "back to the first answer";

  const std::vector<TokenId> otherwise = joined(system, numbers(80, 4));
  EXPECT_EQ(say(*scheduler, otherwise, 10).cached, 0) << "no state was kept behind the system message";
  EXPECT_EQ(say(*scheduler, joined(system, numbers(80, 5)), 10).cached, 64) << "now there is one";
  EXPECT_EQ(say(*scheduler, otherwise, 10).cached, 128);
}

TEST_P(KeptStates, AnswersSideBySideShareWhatTheirPromptsHaveInCommon) {
  const auto scheduler = make();
  const std::vector<TokenId> system = numbers(100, 1);
  std::vector<GenerationRequest> requests;
  std::vector<std::shared_ptr<Generation>> generations;
  for (uint32_t each = 0; each < 7; ++each) {  // more than run at once
    requests.push_back(asked(joined(system, numbers(30 + each, 10 + each)), 40));
    generations.push_back(expect_value(scheduler->submit(requests.back())));
  }
  int32_t cached = 0;
  for (size_t each = 0; each < requests.size(); ++each) {
    cached += run(*scheduler, *generations[each]).usage.cached_tokens;
    EXPECT_EQ(tokens_of(*generations[each]), alone(requests[each])) << each;
  }
  EXPECT_EQ(cached, 6 * 64) << "all but the first";
}

TEST_P(KeptStates, ACancelledAnswerLeavesOthersAndWhatIsKeptAsTheyWere) {
  const auto scheduler = make();
  const std::vector<TokenId> prompt = numbers(200, 1);
  for (const int steps : {1, 2, 5, 12}) {
    const auto cancelled = expect_value(scheduler->submit(asked(prompt, 100)));
    const GenerationRequest request = asked(joined(prompt, numbers(10, 2)), 30);
    const auto other = expect_value(scheduler->submit(request));
    for (int step = 0; step < steps; ++step) scheduler->step();
    cancelled->cancel();
    run(*scheduler, *other);
    EXPECT_EQ(tokens_of(*other), alone(request)) << steps << " steps";
    EXPECT_EQ(run(*scheduler, *cancelled).finish, FinishReason::kCancelled);
  }
  EXPECT_EQ(say(*scheduler, prompt, 20).cached, 192);
}

TEST_P(KeptStates, AnAnswerLongerThanTheContextGoesOnAndDoesNotDependOnWhatElseRuns) {
  GenerationRequest request = asked(numbers(70, 1), 150);
  const auto small = make(128);
  const auto ended = expect_value(small->submit(request));
  EXPECT_EQ(run(*small, *ended).finish, FinishReason::kLength);
  EXPECT_EQ(ended->tokens().size(), 128U);

  request.keep_tokens = 8;
  const auto apart = expect_value(small->submit(request));
  run(*small, *apart);
  EXPECT_EQ(apart->tokens().size(), 220U);
  std::vector<std::shared_ptr<Generation>> together;
  for (int each = 0; each < 3; ++each) together.push_back(expect_value(small->submit(request)));
  for (const auto& generation : together) {
    run(*small, *generation);
    EXPECT_EQ(tokens_of(*generation), tokens_of(*apart));
  }
}

TEST_P(KeptStates, NothingIsDraftedThatCouldNotBeTakenBack) {
  const std::vector<TokenId> once = numbers(40, 1);
  GenerationRequest request = asked(joined(once, once), 60);
  const std::vector<TokenId> wanted = alone(request);
  request.speculation = "lookup";
  const auto scheduler = make();
  const auto generation = expect_value(scheduler->submit(request));
  EXPECT_EQ(run(*scheduler, *generation).usage.drafted_tokens, 0);
  EXPECT_EQ(tokens_of(*generation), wanted);
}

TEST_P(KeptStates, ADraftModelIsOfNoUse) {
  const auto draft = testing::load_synthetic("tiny-llama");
  const auto created = Scheduler::create(*model_, LoadOptions(), draft.get());
  ASSERT_FALSE(created.ok());
  EXPECT_EQ(created.error().code, ErrorCode::kInvalidArgument);
}

INSTANTIATE_TEST_SUITE_P(Models, KeptStates, ::testing::Values("tiny-mamba", "tiny-qwen35"),
                         [](const auto& name) {
                           std::string letters = name.param;
                           std::replace(letters.begin(), letters.end(), '-', '_');
                           return letters;
                         });

}  // namespace
}  // namespace hearth
