#include "engine/grammar/grammar_cache.h"

#include <gtest/gtest.h>

#include "engine/grammar/token_grammar_testing.h"

namespace hearth {
namespace {

TEST(GrammarCache, KeepsAGrammarForThoseOfTheSameSalt) {
  const testing::ListedTokenizer tokenizer({"a", "b"});
  GrammarCache cache(tokenizer);
  const auto get = [&](std::string_view salt) {
    return cache.get({GrammarKind::kGbnf, {R"(root ::= "a")"}}, salt).value();
  };
  const auto first = get("one");
  EXPECT_EQ(get("one"), first);
  EXPECT_NE(get("two"), first);
  EXPECT_EQ(get("one"), first);
}

}  // namespace
}  // namespace hearth
