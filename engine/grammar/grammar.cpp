#include "engine/grammar/grammar.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "engine/grammar/grammar_checks.h"

namespace hearth {
namespace {

constexpr char32_t kLastCodePoint = 0x10FFFF;
constexpr CodePointRange kSurrogates{0xD800, 0xDFFF};

/// The ranges in ascending order, without overlaps.
std::vector<CodePointRange> merged(std::vector<CodePointRange> ranges) {
  std::erase_if(ranges, [](const CodePointRange& range) { return range.first > range.last; });
  std::sort(ranges.begin(), ranges.end(),
            [](const CodePointRange& a, const CodePointRange& b) { return a.first < b.first; });
  std::vector<CodePointRange> result;
  for (const CodePointRange& range : ranges) {
    if (!result.empty() && range.first <= result.back().last + 1) {
      result.back().last = std::max(result.back().last, range.last);
    } else {
      result.push_back(range);
    }
  }
  return result;
}

/// What lies between merged ranges.
std::vector<CodePointRange> complement(const std::vector<CodePointRange>& ranges) {
  std::vector<CodePointRange> result;
  char32_t next = 0;
  for (const CodePointRange& range : ranges) {
    if (range.first > next) result.push_back({next, range.first - 1});
    next = range.last + 1;
  }
  if (next <= kLastCodePoint) result.push_back({next, kLastCodePoint});
  return result;
}

}  // namespace

ExpressionId GrammarBuilder::add(const Expression& expression, uint32_t depth, uint64_t states) {
  if (fault_.empty() && expressions_.size() >= kMostGrammarExpressions) {
    fault_ =
        fmt::format("the grammar has more than {} expressions: make it smaller", kMostGrammarExpressions);
  } else if (fault_.empty() && depth > kMostGrammarDepth) {
    fault_ = fmt::format(
        "expressions of the grammar stand more than {} deep within each other: "
        "give some of them rules of their own",
        kMostGrammarDepth);
  }
  if (too_large()) {
    if (!expressions_.expressions_.empty()) return {0};
    expressions_.expressions_.push_back({.kind = ExpressionKind::kSequence});
  } else {
    expressions_.expressions_.push_back(expression);
  }
  depths_.push_back(depth);
  states_.push_back(std::min(states, kMostGrammarStates + 1));
  return {static_cast<uint32_t>(expressions_.size() - 1)};
}

ExpressionId GrammarBuilder::add_text(Expression expression, std::string_view bytes) {
  if (fault_.empty() && expressions_.text_.size() + bytes.size() > kMostGrammarBytes) {
    fault_ =
        fmt::format("the texts of the grammar are more than {} bytes: make it smaller", kMostGrammarBytes);
  }
  expression.begin = static_cast<uint32_t>(expressions_.text_.size());
  expression.count = static_cast<uint32_t>(bytes.size());
  if (!too_large()) expressions_.text_ += bytes;
  return add(expression, 1, 1);
}

ExpressionId GrammarBuilder::text(std::string_view bytes) {
  return bytes.empty() ? empty() : add_text({.kind = ExpressionKind::kText}, bytes);
}

ExpressionId GrammarBuilder::characters(std::vector<CodePointRange> ranges) {
  ranges = complement(merged(std::move(ranges)));
  ranges.push_back(kSurrogates);
  return characters_except(std::move(ranges));
}

ExpressionId GrammarBuilder::characters_except(std::vector<CodePointRange> ranges) {
  ranges.push_back(kSurrogates);
  const std::vector<CodePointRange> allowed = complement(merged(std::move(ranges)));
  if (allowed.empty()) return never();
  const auto begin = static_cast<uint32_t>(expressions_.ranges_.size());
  if (!too_large()) {
    expressions_.ranges_.insert(expressions_.ranges_.end(), allowed.begin(), allowed.end());
  }
  return add(
      {.kind = ExpressionKind::kCharacters, .begin = begin, .count = static_cast<uint32_t>(allowed.size())},
      1, 1);
}

ExpressionId GrammarBuilder::token(TokenId token, bool negated) {
  return add({.kind = ExpressionKind::kToken, .negated = negated, .token = token}, 1, 1);
}

ExpressionId GrammarBuilder::named_token(std::string_view text, bool negated) {
  return add_text({.kind = ExpressionKind::kToken, .negated = negated}, text);
}

ExpressionId GrammarBuilder::add_parts(Expression expression, std::span<const ExpressionId> parts) {
  expression.begin = static_cast<uint32_t>(expressions_.parts_.size());
  expression.count = static_cast<uint32_t>(parts.size());
  uint32_t depth = 0;
  uint64_t states = 1;
  for (const ExpressionId part : parts) {
    depth = std::max(depth, depths_[part.index]);
    states = std::min(states + states_[part.index], kMostGrammarStates + 1);
  }
  if (!too_large()) expressions_.parts_.insert(expressions_.parts_.end(), parts.begin(), parts.end());
  return add(expression, depth + 1, states);
}

ExpressionId GrammarBuilder::sequence(std::span<const ExpressionId> parts) {
  return parts.size() == 1 ? parts[0] : add_parts({.kind = ExpressionKind::kSequence}, parts);
}

ExpressionId GrammarBuilder::choice(std::span<const ExpressionId> parts) {
  return parts.size() == 1 ? parts[0] : add_parts({.kind = ExpressionKind::kChoice}, parts);
}

ExpressionId GrammarBuilder::repeat(ExpressionId part, int32_t least, int32_t most) {
  if (least == 1 && most == 1) return part;
  if (most == 0) return empty();
  const auto begin = static_cast<uint32_t>(expressions_.parts_.size());
  if (!too_large()) expressions_.parts_.push_back(part);
  // What is repeated stands there once, however often: the automaton counts.
  return add({.kind = ExpressionKind::kRepeat, .begin = begin, .count = 1, .least = least, .most = most},
             depths_[part.index] + 1, states_[part.index] + 2);
}

ExpressionId GrammarBuilder::members(const MemberParts& members) {
  std::vector<ExpressionId> parts = {members.separator};
  for (const auto* some : {&members.required, &members.optional, &members.repeated}) {
    parts.insert(parts.end(), some->begin(), some->end());
  }
  return add_parts({.kind = ExpressionKind::kMembers,
                    .least = members.least,
                    .most = members.most,
                    .required = static_cast<uint32_t>(members.required.size()),
                    .optional = static_cast<uint32_t>(members.optional.size())},
                   parts);
}

ExpressionId GrammarBuilder::reference(RuleId rule) {
  return add({.kind = ExpressionKind::kReference, .rule = rule}, 1, 1);
}

ExpressionId GrammarBuilder::include(const Grammar& grammar) {
  const Expressions& all = grammar.expressions_;
  const auto first_rule = static_cast<uint32_t>(rules_.size());
  for (const Rule& rule : grammar.rules_) declare(rule.name);
  std::vector<ExpressionId> copies;
  const auto copied = [&](std::span<const ExpressionId> parts) {
    std::vector<ExpressionId> result;
    for (const ExpressionId part : parts) result.push_back(copies[part.index]);
    return result;
  };
  for (const Expression& expression : all.expressions_) {
    switch (expression.kind) {
      case ExpressionKind::kText:
        copies.push_back(text(all.text(expression)));
        break;
      case ExpressionKind::kToken:
        copies.push_back(expression.token == kNoToken ? named_token(all.text(expression), expression.negated)
                                                      : token(expression.token, expression.negated));
        break;
      case ExpressionKind::kCharacters: {
        const auto ranges = all.ranges(expression);
        copies.push_back(characters({ranges.begin(), ranges.end()}));
        break;
      }
      case ExpressionKind::kReference:
        copies.push_back(reference({first_rule + expression.rule.index}));
        break;
      default:  // what has parts
        copies.push_back(add_parts(expression, copied(all.parts(expression))));
    }
  }
  for (uint32_t i = 0; i < grammar.rules_.size(); ++i) {
    define({first_rule + i}, copies[grammar.rules_[i].body.index]);
  }
  return reference({first_rule + grammar.root_.index});
}

RuleId GrammarBuilder::declare(std::string name) {
  rules_.push_back({.name = std::move(name)});
  return {static_cast<uint32_t>(rules_.size() - 1)};
}

void GrammarBuilder::define(RuleId rule, ExpressionId body) {
  rules_[rule.index].body = body;
  rules_[rule.index].defined = true;
}

Result<void> GrammarBuilder::check_rules() const {
  if (too_large()) return Error{ErrorCode::kInvalidArgument, fault_};
  uint64_t states = 0;
  for (const Rule& rule : rules_) {
    if (!rule.defined) {
      return Error{ErrorCode::kInvalidArgument,
                   fmt::format("the rule {} is used, but not defined", rule.name)};
    }
    states += states_[rule.body.index];
    if (states > kMostGrammarStates) {
      return Error{ErrorCode::kInvalidArgument,
                   fmt::format("the grammar comes to more than {} states, at the rule {}: make it smaller",
                               kMostGrammarStates, rule.name)};
    }
  }
  return check_left_recursion(expressions_, rules_);
}

Result<Grammar> GrammarBuilder::finish(RuleId root) {
  GrammarBuilder finished = std::exchange(*this, {});
  HEARTH_TRY(finished.check_rules());
  Grammar grammar;
  grammar.can_end_ = find_what_can_end(finished.expressions_, finished.rules_);
  grammar.can_be_empty_ = find_what_can_be_empty(finished.expressions_, finished.rules_);
  grammar.expressions_ = std::move(finished.expressions_);
  grammar.rules_ = std::move(finished.rules_);
  grammar.root_ = root;
  const Rule& first = grammar.rules_[root.index];
  if (!grammar.can_end(first.body)) {
    return Error{
        ErrorCode::kInvalidArgument,
        fmt::format("the rule {} can never end: each of its choices leads back to itself or to what is "
                    "never allowed",
                    first.name)};
  }
  return grammar;
}

Result<Grammar> GrammarBuilder::open_ended(Grammar grammar) {
  GrammarBuilder builder;
  builder.expressions_ = std::move(grammar.expressions_);
  builder.rules_ = std::move(grammar.rules_);
  // They were counted already, and what is added refers to none but by its rule.
  builder.depths_.resize(builder.expressions_.size());
  builder.states_.resize(builder.expressions_.size());
  const RuleId root = builder.declare("root and what follows");
  const ExpressionId beginning = builder.reference(grammar.root_);
  const ExpressionId rest = builder.repeat(builder.characters_except({}), 0, kNoLimit);
  builder.define(root, builder.sequence(std::array{beginning, rest}));
  return builder.finish(root);
}

}  // namespace hearth
