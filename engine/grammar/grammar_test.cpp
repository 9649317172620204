#include "engine/grammar/grammar.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace hearth {
namespace {

using ::testing::HasSubstr;

/// Why a grammar is refused; empty where it isn't.
std::string refusal(GrammarBuilder& builder, RuleId root) {
  const Result<Grammar> grammar = builder.finish(root);
  return grammar.ok() ? "" : grammar.error().message;
}

ExpressionId in_turn(GrammarBuilder& builder, std::vector<ExpressionId> parts) {
  return builder.sequence(parts);
}
ExpressionId any_of(GrammarBuilder& builder, std::vector<ExpressionId> parts) {
  return builder.choice(parts);
}

std::vector<std::pair<uint32_t, uint32_t>> ranges_of(GrammarBuilder& builder, ExpressionId characters) {
  const RuleId root = builder.declare("root");
  builder.define(root, characters);
  const Grammar grammar = builder.finish(root).value();
  std::vector<std::pair<uint32_t, uint32_t>> ranges;
  const Expressions& expressions = grammar.expressions();
  for (const CodePointRange& range : expressions.ranges(expressions[grammar.rules()[0].body])) {
    ranges.emplace_back(range.first, range.last);
  }
  return ranges;
}

TEST(Grammar, MergesRangesAndLeavesOutSurrogates) {
  using Ranges = std::vector<std::pair<uint32_t, uint32_t>>;
  GrammarBuilder builder;
  EXPECT_EQ(ranges_of(builder, builder.characters({{'x', 'z'}, {'a', 'c'}, {'b', 'f'}, {'g', 'g'}})),
            (Ranges{{'a', 'g'}, {'x', 'z'}}));
  EXPECT_EQ(ranges_of(builder, builder.characters_except({{0, 'a'}, {0xE000, 0x7FFFFFFF}})),
            (Ranges{{'b', 0xD7FF}}));
  EXPECT_EQ(ranges_of(builder, builder.characters({{0xD000, 0x110000}})),
            (Ranges{{0xD000, 0xD7FF}, {0xE000, 0x10FFFF}}));
}

TEST(Grammar, KnowsWhatCanEndAndWhatCanBeEmpty) {
  GrammarBuilder builder;
  const RuleId root = builder.declare("root");
  const RuleId endless = builder.declare("endless");
  const ExpressionId lost = builder.reference(endless);
  const ExpressionId maybe = builder.optional(builder.text("a"));
  const ExpressionId either = any_of(builder, {lost, maybe});
  const ExpressionId stuck = in_turn(builder, {maybe, lost});
  builder.define(endless, in_turn(builder, {builder.text("b"), lost}));
  builder.define(root, in_turn(builder, {either, builder.optional(stuck)}));
  const Result<Grammar> grammar = builder.finish(root);
  ASSERT_TRUE(grammar.ok()) << grammar.error().message;
  EXPECT_FALSE(grammar->can_end(lost));
  EXPECT_FALSE(grammar->can_end(stuck));
  EXPECT_TRUE(grammar->can_end(either));
  EXPECT_TRUE(grammar->can_be_empty(either));
  EXPECT_FALSE(grammar->can_be_empty(stuck));
  EXPECT_TRUE(grammar->can_be_empty(grammar->rules()[root.index].body));
}

TEST(Grammar, RefusesARuleThatIsNotDefined) {
  GrammarBuilder builder;
  const RuleId root = builder.declare("root");
  builder.define(root, builder.reference(builder.declare("missing")));
  EXPECT_EQ(refusal(builder, root), "the rule missing is used, but not defined");
}

TEST(Grammar, RefusesARootThatCannotEnd) {
  GrammarBuilder builder;
  RuleId root = builder.declare("root");
  builder.define(root, in_turn(builder, {builder.text("a"), builder.reference(root)}));
  EXPECT_THAT(refusal(builder, root), HasSubstr("the rule root can never end"));
  root = builder.declare("root");
  builder.define(root, builder.never());
  EXPECT_THAT(refusal(builder, root), HasSubstr("the rule root can never end"));
}

TEST(Grammar, RefusesLeftRecursionAlsoBehindWhatCanBeEmpty) {
  GrammarBuilder builder;
  RuleId root = builder.declare("root");
  builder.define(root, any_of(builder, {builder.text("a"), builder.reference(root)}));
  EXPECT_THAT(refusal(builder, root),
              HasSubstr("left recursion: the rule root may begin with itself (root -> root)"));

  root = builder.declare("root");
  const RuleId other = builder.declare("other");
  const ExpressionId maybe = builder.optional(builder.text("a"));
  builder.define(root,
                 any_of(builder, {builder.text("b"), in_turn(builder, {maybe, builder.reference(other)})}));
  builder.define(other, builder.repeat(builder.reference(root), 1, 3));
  EXPECT_THAT(refusal(builder, root), HasSubstr("(root -> other -> root)"));
}

TEST(Grammar, AllowsRecursionBehindWhatReads) {
  GrammarBuilder builder;
  const RuleId root = builder.declare("root");
  const ExpressionId inner = builder.optional(builder.reference(root));
  builder.define(root, in_turn(builder, {builder.text("("), inner, inner, builder.text(")")}));
  EXPECT_EQ(refusal(builder, root), "");
}

TEST(Grammar, SaysWhichLimitWasPassed) {
  GrammarBuilder builder;
  RuleId root = builder.declare("root");
  ExpressionId body = builder.text("a");
  for (uint32_t depth = 0; depth < kMostGrammarDepth; ++depth) body = builder.repeat(body, 0, 2);
  EXPECT_TRUE(builder.too_large());
  builder.define(root, body);
  EXPECT_THAT(refusal(builder, root), HasSubstr("deep within each other"));

  root = builder.declare("root");
  body = builder.text("a");
  for (int doubling = 0; doubling < 30; ++doubling) body = in_turn(builder, {body, body});
  builder.define(root, body);
  EXPECT_THAT(refusal(builder, root), HasSubstr("states, at the rule root"));

  root = builder.declare("root");
  for (size_t count = 0; count < kMostGrammarExpressions + 10; ++count) body = builder.reference(root);
  builder.define(root, body);
  EXPECT_THAT(refusal(builder, root), HasSubstr("expressions"));

  root = builder.declare("root");
  body = builder.text(std::string(kMostGrammarBytes + 1, 'a'));
  builder.define(root, body);
  EXPECT_THAT(refusal(builder, root), HasSubstr("bytes"));
}

TEST(Grammar, CountsALongChainOfRulesInNoTime) {
  GrammarBuilder builder;
  std::vector<RuleId> rules;
  for (int index = 0; index < 50'000; ++index) rules.push_back(builder.declare("rule"));
  for (size_t index = 0; index + 1 < rules.size(); ++index) {
    builder.define(rules[index], in_turn(builder, {builder.text("a"), builder.reference(rules[index + 1])}));
  }
  builder.define(rules.back(), builder.text("b"));
  EXPECT_EQ(refusal(builder, rules[0]), "");
}

}  // namespace
}  // namespace hearth
