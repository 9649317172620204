// Answers that are held to grammars.
#include <gmock/gmock.h>

#include "engine/grammar/gbnf.h"
#include "engine/grammar/text_match.h"
#include "engine/runtime/scheduler_fixture.h"

namespace hearth {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;

class ConstrainedAnswers : public testing::SchedulerFixture {
 protected:
  /// A free prompt, so that the model says something else than the grammar by itself.
  static GenerationRequest constrained(const std::string& grammar, int32_t max_tokens = 100,
                                       float temperature = 0) {
    GenerationRequest asked = request("Once upon a time", max_tokens, temperature);
    asked.grammar = grammar;
    return asked;
  }
};

TEST_F(ConstrainedAnswers, FollowTheGrammarToItsEnd) {
  const auto scheduler = make();
  const std::string grammar = "root ::= \"{\" [a-z]{3,5} (\", \" [0-9]{1,3}){2} \"}\"";
  for (uint64_t seed = 0; seed < 8; ++seed) {
    GenerationRequest asked = constrained(grammar, 100, 2);
    asked.seed = seed;
    const testing::Answer answer = generate(*scheduler, asked);
    EXPECT_EQ(answer.last.finish, FinishReason::kStop);
    EXPECT_EQ(match_text(read_gbnf(grammar).value(), answer.text)->verdict, TextVerdict::kAccepted)
        << answer.text;
  }
}

TEST_F(ConstrainedAnswers, SayLengthWhereTheLimitCutsThem) {
  const auto scheduler = make();
  const testing::Answer answer = generate(*scheduler, constrained("root ::= [a-z]{50} \".\"", 5));
  EXPECT_EQ(answer.last.finish, FinishReason::kLength);
  EXPECT_EQ(answer.last.usage.completion_tokens, 5);
}

TEST_F(ConstrainedAnswers, TakeWhatIsForcedWithoutAStepForEachToken) {
  const auto scheduler = make();
  const std::string forced =
      "Once there was a little girl named Lily. She liked to play with her toys in the park";
  const auto generation =
      testing::expect_value(scheduler->submit(constrained("root ::= [A-Z] \"" + forced + "\" [!?]")));
  int steps = 1;
  while (scheduler->step()) ++steps;
  const testing::Answer answer = collect(*generation);
  EXPECT_THAT(answer.text.substr(1), AnyOf(forced + "!", forced + "?"));
  EXPECT_GT(answer.last.usage.completion_tokens, 20);
  EXPECT_LT(steps, 8);
}

TEST_F(ConstrainedAnswers, KeepASpaceAtTheirBeginning) {
  const auto scheduler = make();
  EXPECT_EQ(generate(*scheduler, constrained("root ::= \" there\"")).text, " there");
}

TEST_F(ConstrainedAnswers, AreOneOfTheChoices) {
  const auto scheduler = make();
  GenerationRequest asked = request("Once upon a time", 20);
  asked.choices = {"red", "green", "blue"};
  EXPECT_THAT(generate(*scheduler, asked).text, AnyOf("red", "green", "blue"));
  asked.ignore_end = true;
  EXPECT_THAT(generate(*scheduler, asked).text, AnyOf("red", "green", "blue"));
}

TEST_F(ConstrainedAnswers, AreMatchedByARegularExpression) {
  const auto scheduler = make();
  GenerationRequest asked = request("Once upon a time", 50, 1);
  asked.regex = "(red|blue) [0-9]{2}";
  EXPECT_THAT(generate(*scheduler, asked).text, ::testing::ContainsRegex("^(red|blue) [0-9][0-9]$"));
}

TEST_F(ConstrainedAnswers, AreJsonThatASchemaAllows) {
  const auto scheduler = make();
  GenerationRequest asked = request("Once upon a time", 100, 1);
  asked.json_schema = R"({"enum": [{"color": "red"}, [1, 2]]})";
  EXPECT_THAT(generate(*scheduler, asked).text, ::testing::ContainsRegex("red|2"));
  asked.json_schema = R"({"$ref": "#/$defs/missing"})";
  EXPECT_THAT(scheduler->submit(asked).error().message, HasSubstr("missing"));
}

TEST_F(ConstrainedAnswers, DoNotDependOnWhatElseRuns) {
  const auto scheduler = make();
  const GenerationRequest asked = constrained("root ::= ([a-z]+ \" \"){4} \".\"", 60, 1);
  const testing::Answer alone = generate(*scheduler, asked);
  const auto first = testing::expect_value(scheduler->submit(asked));
  const auto free = testing::expect_value(scheduler->submit(request("The cat", 30, 1)));
  const auto second = testing::expect_value(scheduler->submit(asked));
  while (scheduler->step()) {
  }
  EXPECT_EQ(collect(*first).text, alone.text);
  EXPECT_EQ(collect(*second).text, alone.text);
}

TEST_F(ConstrainedAnswers, AreRefusedForAGrammarThatIsNone) {
  const auto scheduler = make();
  const auto refused = scheduler->submit(constrained("root ::= missing"));
  ASSERT_FALSE(refused.ok());
  EXPECT_THAT(refused.error().message, HasSubstr("line 1, column 10"));
  GenerationRequest both = constrained("root ::= \"a\"");
  both.choices = {"a"};
  EXPECT_THAT(scheduler->submit(both).error().message, HasSubstr("only one of grammar"));
}

TEST_F(ConstrainedAnswers, EndWithAnErrorWhereTheVocabularyCannotGoOn) {
  const auto scheduler = make();
  const testing::Answer answer = generate(*scheduler, constrained("root ::= \"a\" <[999999]>"));
  EXPECT_EQ(answer.last.finish, FinishReason::kError);
  EXPECT_THAT(answer.last.error->message, HasSubstr("no token of the model's vocabulary"));
  EXPECT_NE(generate(*scheduler, constrained("root ::= \"a\"")).text, "");
}

}  // namespace
}  // namespace hearth
