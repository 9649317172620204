// Speculation changes when tokens come, never which.
#include "engine/runtime/speculator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/runtime/scheduler_fixture.h"

namespace hearth {
namespace {

using testing::Answer;
using testing::expect_value;

class SpeculatorTest : public testing::SchedulerFixture {
 protected:
  /// A text that repeats itself.
  static std::string refrain() {
    std::string text;
    for (int i = 0; i < 6; ++i) text += "Lily saw a big dog. The dog said hello to Lily. ";
    return text;
  }

  static GenerationRequest asked(const std::string& speculation, float temperature, uint64_t seed = 11) {
    GenerationRequest made = request(refrain(), 80, temperature);
    made.speculation = speculation;
    made.seed = seed;
    made.ignore_end = true;
    return made;
  }

  static LoadOptions roomy() {
    LoadOptions options;
    options.context_size = 512;
    options.cache_positions = 8192;
    return options;
  }

  /// The model drafts for itself.
  static std::unique_ptr<Scheduler> make_with_draft(const LoadOptions& options = roomy()) {
    return expect_value(Scheduler::create(*model_, options, draft_.get()));
  }

  static void SetUpTestSuite() {
    testing::SchedulerFixture::SetUpTestSuite();
    if (model_) draft_ = testing::load_stories();
  }
  static void TearDownTestSuite() {
    draft_.reset();
    testing::SchedulerFixture::TearDownTestSuite();
  }
  inline static std::unique_ptr<Model> draft_;
};

TEST_F(SpeculatorTest, TheTextIsTheSameInAnyWayAtAnyTemperature) {
  for (const float temperature : {0.0F, 0.3F, 1.0F, 2.0F}) {
    for (uint64_t seed = 0; seed < 4; ++seed) {
      const Answer plain = generate(*make(roomy()), asked("off", temperature, seed));
      EXPECT_EQ(plain.last.usage.drafted_tokens, 0);
      EXPECT_EQ(generate(*make(roomy()), asked("lookup", temperature, seed)).tokens, plain.tokens);
      EXPECT_EQ(generate(*make_with_draft(), asked("draft", temperature, seed)).tokens, plain.tokens);
    }
  }
}

TEST_F(SpeculatorTest, DraftsOfTheModelItselfComeTrueAndSaveSteps) {
  const auto scheduler = make_with_draft();
  const auto generation = expect_value(scheduler->submit(asked("auto", 0.0F)));
  int steps = 0;
  while (scheduler->step()) ++steps;
  const Answer answer = collect(*generation);
  EXPECT_LT(steps, 20);
  EXPECT_GT(answer.last.usage.drafted_tokens, 60);
  EXPECT_EQ(answer.last.usage.accepted_tokens, answer.last.usage.drafted_tokens);
  EXPECT_EQ(answer.last.usage.completion_tokens, 80);
}

TEST_F(SpeculatorTest, LookupSavesStepsWhereATextRepeats) {
  const auto scheduler = make(roomy());
  GenerationRequest repeating = asked("lookup", 0.0F);
  repeating.max_tokens = 200;
  const auto generation = expect_value(scheduler->submit(repeating));
  int steps = 0;
  while (scheduler->step()) ++steps;
  const Usage usage = collect(*generation).last.usage;
  EXPECT_EQ(usage.completion_tokens, 200);
  EXPECT_GT(usage.accepted_tokens, 5);
  EXPECT_LE(steps, 202 - usage.accepted_tokens);
}

TEST_F(SpeculatorTest, ManyTogetherWithFewPagesAndRowsGiveTheirTexts) {
  std::vector<std::vector<TokenId>> plain;
  for (uint64_t seed = 0; seed < 6; ++seed) {
    plain.push_back(generate(*make(roomy()), asked("off", 1.0F, seed)).tokens);
  }
  for (const int32_t rows : {4, 24, 512}) {
    LoadOptions options = roomy();
    options.cache_positions = 512;
    options.max_batch_rows = rows;
    const auto scheduler = make_with_draft(options);
    std::vector<std::shared_ptr<Generation>> together;
    for (uint64_t seed = 0; seed < 6; ++seed) {
      together.push_back(
          expect_value(scheduler->submit(asked(seed % 2 == 0 ? "lookup" : "draft", 1.0F, seed))));
    }
    while (scheduler->step()) {
    }
    for (size_t i = 0; i < together.size(); ++i) {
      EXPECT_EQ(collect(*together[i]).tokens, plain[i]) << i << " in batches of " << rows;
    }
  }
}

TEST_F(SpeculatorTest, EndsWhereThePlainTextEnds) {
  GenerationRequest plain = asked("off", 0.0F);
  plain.max_tokens = 17;
  const Answer expected = generate(*make(roomy()), plain);
  GenerationRequest drafted = plain;
  drafted.speculation = "draft";
  EXPECT_EQ(generate(*make_with_draft(), drafted).tokens, expected.tokens);
  // A stop string and a stop token in the middle of a draft.
  plain.stop = {expected.text.substr(20, 6)};
  drafted.stop = plain.stop;
  const Answer stopped = generate(*make(roomy()), plain);
  const Answer also = generate(*make_with_draft(), drafted);
  EXPECT_EQ(also.text, stopped.text);
  EXPECT_EQ(also.last.finish, FinishReason::kStop);
  plain.stop.clear();
  plain.stop_tokens = {expected.tokens[expected.tokens.size() - 8]};
  drafted.stop.clear();
  drafted.stop_tokens = plain.stop_tokens;
  EXPECT_EQ(generate(*make_with_draft(), drafted).tokens, generate(*make(roomy()), plain).tokens);
}

TEST_F(SpeculatorTest, TheTextIsTheSameUnderAGrammarWithForcedTokens) {
  for (uint64_t seed = 0; seed < 6; ++seed) {
    GenerationRequest plain = asked("off", 1.5F, seed);
    plain.ignore_end = false;
    plain.grammar = "root ::= (\"Lily saw a big \" (\"dog\" | [a-z]{2,6}) \". \"){3,8}";
    const Answer expected = generate(*make(roomy()), plain);
    EXPECT_FALSE(expected.last.error);
    for (const char* way : {"lookup", "draft"}) {
      GenerationRequest drafted = plain;
      drafted.speculation = way;
      EXPECT_EQ(generate(*make_with_draft(), drafted).tokens, expected.tokens) << way << seed;
    }
  }
}

TEST_F(SpeculatorTest, FillsAContextToTheLastPositionAndShiftsIt) {
  LoadOptions options;
  options.context_size = 256;
  for (const int32_t keep : {-1, 16}) {
    GenerationRequest plain = asked("off", 1.0F);
    plain.max_tokens = 300;
    plain.keep_tokens = keep;
    GenerationRequest drafted = plain;
    const Answer expected = generate(*make(options), plain);
    for (const char* way : {"lookup", "draft"}) {
      drafted.speculation = way;
      EXPECT_EQ(generate(*make_with_draft(options), drafted).tokens, expected.tokens) << way << keep;
    }
  }
}

TEST_F(SpeculatorTest, WhatDidNotComeTrueIsNotKeptForOthers) {
  const auto scheduler = make_with_draft();
  const Answer first = generate(*scheduler, asked("lookup", 2.0F));
  GenerationRequest next = asked("lookup", 0.0F);
  next.prompt = first.tokens;
  const Answer second = generate(*scheduler, next);
  EXPECT_GT(second.last.usage.cached_tokens, 100);
  next.speculation = "off";
  EXPECT_EQ(second.tokens, generate(*make(roomy()), next).tokens);
}

TEST_F(SpeculatorTest, WhatADraftModelHasReadIsThereForNoOtherSalt) {
  LoadOptions options = roomy();
  options.max_batch_rows = 64;  // so that the draft model takes some rounds to read the prompt
  const auto scheduler = make_with_draft(options);
  const auto drafted = [&](const std::string& salt) {
    GenerationRequest salted = asked("draft", 0.0F);
    salted.cache_salt = salt;
    salted.max_tokens = 12;
    return generate(*scheduler, salted).last.usage.drafted_tokens;
  };
  const int32_t anew = drafted("one");
  EXPECT_GT(drafted("one"), anew);
  EXPECT_EQ(drafted("two"), anew);
}

TEST_F(SpeculatorTest, RefusesADraftModelThatIsNotThere) {
  const auto refused = make()->submit(asked("draft", 0.0F));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
}

TEST_F(SpeculatorTest, RefusesADraftOfAnotherVocabularyAndSaysWhatDiffers) {
  std::ifstream in(testing::stories_path(), std::ios::binary);
  std::string file{std::istreambuf_iterator<char>(in), {}};
  const size_t place = file.find("time");
  ASSERT_NE(place, std::string::npos);
  file[place + 1] = 'o';
  const auto bytes = std::as_bytes(std::span(file));
  const auto other = expect_value(Model::load({own_memory({bytes.begin(), bytes.end()}, "other.gguf")}, {}));
  const auto refused = Scheduler::create(*model_, {}, other.get());
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(refused.error().message, ::testing::HasSubstr("tome"));
}

}  // namespace
}  // namespace hearth
