// Against llama.cpp's own cases (../shared/testdata/grammar).
#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "engine/base/testdata.h"
#include "engine/grammar/gbnf.h"
#include "engine/grammar/text_match.h"

namespace hearth {
namespace {

using Json = nlohmann::json;

std::vector<Json> cases_of(std::string_view kind, std::string_view name) {
  std::vector<Json> cases;
  std::ifstream file(testing::testdata() / "grammar" / name);
  for (std::string line; std::getline(file, line);) {
    Json one = Json::parse(line);
    if (one["kind"] == kind) cases.push_back(std::move(one));
  }
  return cases;
}

TEST(GrammarData, ReadsAsLlamaCppDoes) {
  HEARTH_REQUIRE_TESTDATA();
  const std::vector<Json> cases = cases_of("gbnf", "integration.jsonl");
  ASSERT_GE(cases.size(), 6);
  for (const Json& one : cases) {
    const Result<Grammar> grammar = read_gbnf(one["grammar"].get<std::string>());
    ASSERT_TRUE(grammar.ok()) << one["from"] << ": " << grammar.error().message;
    for (const std::string text : one["accept"]) {
      EXPECT_EQ(match_text(*grammar, text)->verdict, TextVerdict::kAccepted) << one["from"] << ": " << text;
    }
    for (const std::string text : one["reject"]) {
      EXPECT_NE(match_text(*grammar, text)->verdict, TextVerdict::kAccepted) << one["from"] << ": " << text;
    }
  }
}

/// Whether a grammar allows texts, each character of which is a token, and tokens by their numbers.
bool allows(Automaton& automaton, const Json& text) {
  ConfigurationId at = automaton.start();
  for (const Json& piece : text) {
    if (piece.is_number()) {
      at = automaton.next(at, piece.get<TokenId>(), "");
    } else {
      constexpr TokenId kSomeLetter = 1000;
      for (const char letter : piece.get<std::string>()) {
        at = automaton.next(at, kSomeLetter, std::string_view(&letter, 1));
      }
    }
  }
  return automaton.can_end(at);
}

TEST(GrammarData, FollowsTokensAsLlamaCppDoes) {
  HEARTH_REQUIRE_TESTDATA();
  const std::vector<Json> cases = cases_of("gbnf", "tokens.jsonl");
  ASSERT_EQ(cases.size(), 2);
  for (const Json& one : cases) {
    const Grammar grammar = read_gbnf(one["grammar"].get<std::string>()).value();
    Automaton automaton(compile_grammar(grammar, [](std::string_view) { return kNoToken; }).value(), 100);
    for (const Json& text : one["accept"])
      EXPECT_TRUE(allows(automaton, text)) << one["from"] << ": " << text;
    for (const Json& text : one["reject"])
      EXPECT_FALSE(allows(automaton, text)) << one["from"] << ": " << text;
  }
}

TEST(GrammarData, RefusesWhatLlamaCppDoes) {
  HEARTH_REQUIRE_TESTDATA();
  const std::vector<Json> cases = cases_of("gbnf", "invalid.jsonl");
  ASSERT_EQ(cases.size(), 5);
  for (const Json& one : cases) {
    const Result<Grammar> grammar =
        read_gbnf(one["grammar"].get<std::string>(), one["root"].get<std::string>());
    ASSERT_FALSE(grammar.ok()) << one["from"];
    const std::string_view wanted = one["error"] == "left recursion" ? "left recursion" : "no rule root";
    EXPECT_NE(grammar.error().message.find(wanted), std::string::npos) << grammar.error().message;
  }
}

}  // namespace
}  // namespace hearth
