#include "engine/grammar/token_grammar.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "engine/base/random.h"
#include "engine/grammar/constraint.h"
#include "engine/grammar/gbnf.h"
#include "engine/grammar/json_schema.h"
#include "engine/grammar/token_grammar_testing.h"

namespace hearth {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::ListedTokenizer;

/// Of a JSON schema, which begins with a brace, or GBNF.
std::shared_ptr<TokenGrammar> token_grammar(std::string_view text, TokenVocabulary& vocabulary) {
  const Result<Grammar> grammar = text.starts_with('{') ? read_json_schema(text) : read_gbnf(text);
  EXPECT_TRUE(grammar.ok()) << grammar.error().message;
  auto made = TokenGrammar::create(*grammar, vocabulary);
  EXPECT_TRUE(made.ok()) << made.error().message;
  return std::move(made).value();
}

/// The texts of the tokens that may come next.
std::vector<std::string> allowed_texts(const Constraint& constraint, const Tokenizer& tokenizer) {
  std::vector<std::string> texts;
  const TokenSet& allowed = *constraint.allowed().value();
  for (TokenId token = 0; token < tokenizer.vocabulary_size(); ++token) {
    if (allowed.has(token)) texts.emplace_back(tokenizer.token_name(token));
  }
  return texts;
}

/// Every string of one to three of these letters, some of them parts of characters.
std::vector<std::string> many_texts() {
  const std::vector<std::string> letters = {"a", "b", "\"", "{",    "}",    ":",
                                            ",", " ", "1",  "\xC3", "\xA9", "\\"};
  std::vector<std::string> texts = letters;
  for (size_t first = 0; texts.size() < 12 + 144 + 1728; ++first) {
    for (const std::string& letter : letters) texts.push_back(texts[first] + letter);
  }
  for (const char* more : {"[", "]", "aaaaaaaaaaaaaaaaaaaa", "abababababababababab", "aaaaaaa\"", "aaaaaaa"})
    texts.emplace_back(more);
  return texts;
}

class TokenGrammarMasks : public ::testing::TestWithParam<const char*> {};

TEST_P(TokenGrammarMasks, EqualEachTokenTriedByItself) {
  const ListedTokenizer tokenizer(many_texts());
  TokenVocabulary vocabulary(tokenizer);
  const auto grammar = token_grammar(GetParam(), vocabulary);
  RandomStream random(7);
  for (int walk = 0; walk < 8; ++walk) {
    Constraint constraint(grammar);
    Constraint alone(grammar);
    for (int step = 0; step < 25; ++step) {
      const TokenSet allowed = *constraint.allowed().value();
      EXPECT_EQ(allowed.has(ListedTokenizer::kEnd), constraint.can_end());
      std::vector<TokenId> next;
      for (TokenId token = 0; token < tokenizer.vocabulary_size(); ++token) {
        if (token == ListedTokenizer::kEnd) continue;
        const bool accepted = alone.accept(token);
        if (accepted) alone.go_back(1);
        ASSERT_EQ(allowed.has(token), accepted) << tokenizer.token_name(token) << " at step " << step;
        if (accepted) next.push_back(token);
      }
      EXPECT_TRUE(constraint.can_end() || !next.empty()) << "at step " << step;
      if (next.empty()) break;
      const TokenId chosen = next[random.next() % next.size()];
      ASSERT_TRUE(constraint.accept(chosen) && alone.accept(chosen));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Grammars, TokenGrammarMasks,
                         ::testing::Values(R"(root ::= "b" ([^*b]{5}){40,540} "b")", "root ::= [^\"]*",
                                           "root ::= \"\\\"\" ([^\"\\\\] | \"\\\\\" [\"\\\\])* \"\\\"\"",
                                           "root ::= \"{\" pair (\",\" pair)* \"}\"\npair ::= [ab]{1,9} "
                                           "\":\" (root | [0-9]+ | \"\\\"\" .{0,12} \"\\\"\")",
                                           "root ::= (\"a\" | \"ab\" | \"b\"){3,20} \"1\"",
                                           "root ::= .{0,40}", "root ::= [a-b]{18,} \" \"",
                                           "root ::= <think> (!<think>)* <think> \"a\"*",
                                           "root ::= (\"aaa\" | !<think>){2,5} <end>?",
                                           R"({"type": "object", "additionalProperties": {"const": 1},
                                               "patternProperties": {"a": false}, "required": ["bb"],
                                               "properties": {"b": {"const": "a"}, "ba": {"const": 11},
                                                              "bb": {"const": ""}}, "maxProperties": 3})",
                                           R"({"type": "object", "additionalProperties": false,
                                               "required": ["ab", "11"], "maxProperties": 5, "properties": {
                                                 "a": {"const": 1}, "aa": {"const": 1}, "ab": {"const": 1},
                                                 "aba": {"const": 1}, "b": {"const": 1}, "bb": {"const": 1},
                                                 "1": {"const": 1}, "11": {"const": 1}, "1a": {"const": 1}}})",
                                           R"({"type": "array", "uniqueItems": true, "minItems": 2,
                                               "items": {"enum": [1, 11, "a", "ab", "b"]}})"));

TEST(TokenSet, LeavesTheLogitsOfItsTokensAlone) {
  constexpr TokenId kSize = 200;
  TokenSet tokens(kSize);
  for (TokenId token = 0; token < 64; ++token) tokens.add(token);
  tokens.add(150);
  std::vector<float> logits(kSize - 10, 1.5F);
  tokens.mask(logits);
  for (TokenId token = 0; token < kSize - 10; ++token) {
    EXPECT_EQ(std::isinf(logits[static_cast<size_t>(token)]), !tokens.has(token)) << token;
  }
  EXPECT_EQ(tokens.count(), 65);
  EXPECT_EQ(tokens.first(), 0);
  EXPECT_EQ(TokenSet(kSize).first(), kNoToken);
}

TEST(TokenGrammar, NeverTakesControlTokensByTheirText) {
  const ListedTokenizer tokenizer({"<", "think", ">", "<think", "<end>"});
  TokenVocabulary vocabulary(tokenizer);
  Constraint constraint(token_grammar("root ::= \"<think>\" | \"<end>\" \"!\"", vocabulary));
  EXPECT_THAT(allowed_texts(constraint, tokenizer), ElementsAre("<", "<think", "<end>"));
  EXPECT_FALSE(constraint.accept(ListedTokenizer::kThink));
}

TEST(TokenGrammar, AllowsTheEndWhereTheGrammarMayEnd) {
  const ListedTokenizer tokenizer({"a", "b"});
  TokenVocabulary vocabulary(tokenizer);
  Constraint constraint(token_grammar("root ::= \"a\" \"b\"?", vocabulary));
  EXPECT_THAT(allowed_texts(constraint, tokenizer), ElementsAre("a"));
  ASSERT_TRUE(constraint.accept(2));
  EXPECT_THAT(allowed_texts(constraint, tokenizer), ElementsAre("<end>", "b"));
  EXPECT_FALSE(constraint.must_end());
  ASSERT_TRUE(constraint.accept(3));
  EXPECT_TRUE(constraint.must_end());
  constraint.go_back(2);
  EXPECT_THAT(allowed_texts(constraint, tokenizer), ElementsAre("a"));
}

TEST(TokenGrammar, RefusesATokenThatTheVocabularyHasNot) {
  const ListedTokenizer tokenizer({"a"});
  TokenVocabulary vocabulary(tokenizer);
  const auto grammar = TokenGrammar::create(read_gbnf("root ::= <thinking>").value(), vocabulary);
  ASSERT_FALSE(grammar.ok());
  EXPECT_THAT(grammar.error().message, HasSubstr("<thinking>"));
}

TEST(TokenGrammar, ForcesWhatOnlyOneTokenCanBe) {
  const ListedTokenizer tokenizer({"t", "r", "u", "e", "tr", "rue", "true", "x"});
  TokenVocabulary vocabulary(tokenizer);
  EXPECT_THAT(Constraint(token_grammar("root ::= \"true\"", vocabulary)).forced(10),
              IsEmpty());  // t, tr or true
  Constraint constraint(token_grammar("root ::= \"truetruex\" . | <think> \"x\"", vocabulary));
  EXPECT_THAT(constraint.forced(10), IsEmpty());
  ASSERT_TRUE(constraint.accept(2));
  EXPECT_THAT(constraint.forced(10), ElementsAre(7, 8));  // what follows may be a longer token than x
  EXPECT_THAT(constraint.forced(1), ElementsAre(7));
  constraint.go_back(1);
  ASSERT_TRUE(constraint.accept(ListedTokenizer::kThink));
  EXPECT_THAT(constraint.forced(10), ElementsAre(9));
}

TEST(TokenGrammar, KeepsItsPlacesWhenItForgetsTheRest) {
  const ListedTokenizer tokenizer({"[", "]", "a", "b"});
  TokenVocabulary vocabulary(tokenizer);
  const auto grammar = token_grammar("root ::= \"[\" (root | [ab]{0,900000000}) \"]\"", vocabulary);
  Constraint constraint(grammar);
  Constraint other(grammar);
  ASSERT_TRUE(other.accept(2));
  for (int depth = 0; depth < 100; ++depth) ASSERT_TRUE(constraint.accept(2));
  size_t forgotten = 0;
  size_t last = 0;
  for (int letter = 0; letter < 400'000 && forgotten < 2; ++letter) {
    ASSERT_TRUE(constraint.accept(4));
    const size_t size = grammar->automaton().memory();
    if (size < last) ++forgotten;
    last = size;
  }
  EXPECT_EQ(forgotten, 2);
  EXPECT_THAT(allowed_texts(constraint, tokenizer), ElementsAre("]", "a", "b"));
  for (int depth = 0; depth < 100; ++depth) ASSERT_TRUE(constraint.accept(3)) << depth;
  EXPECT_TRUE(constraint.must_end());
  ASSERT_TRUE(other.accept(3));
  EXPECT_TRUE(other.must_end());
}

TEST(TokenGrammar, SaysWhereItCanBeReadInTooManyWays) {
  const ListedTokenizer tokenizer({"a", "b"});
  TokenVocabulary vocabulary(tokenizer);
  Constraint constraint(token_grammar("root ::= \"a\" root root | \"a\" root \"b\" | \"a\"", vocabulary));
  Result<const TokenSet*> allowed = constraint.allowed();
  for (int letter = 0; letter < 100 && allowed.ok(); ++letter) {
    constraint.accept(2);
    allowed = constraint.allowed();
  }
  ASSERT_FALSE(allowed.ok());
  EXPECT_THAT(allowed.error().message, HasSubstr("too many ways"));
}

}  // namespace
}  // namespace hearth
