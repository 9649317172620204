// What GBNF, regular expressions, lists of choices and JSON schemas are read into: rules made of expressions.
//
// A reader makes a grammar with a GrammarBuilder, which takes anything; what is wrong with it is said once,
// by `finish`. Expressions are built from the leaves up and may be used in several places.
//
// How an expression reads text, for those who write readers:
//   text        these bytes
//   characters  one character of a set of code points, as UTF-8
//   token       one token of the vocabulary, by id or by its text; or, negated, any one token but that
//   sequence    its parts one after another; an empty one is the empty text
//   choice      any one of its parts; an empty one is never
//   repeat      its part from `least` to `most` times
//   members     its parts one after another in any order, as GrammarBuilder::members says
//   reference   what a rule says
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/text/tokenizer.h"
#include "engine/text/unicode.h"

namespace hearth {

/// Limits of what a grammar may be; each has its own message.
inline constexpr size_t kMostGrammarExpressions = 500'000;
inline constexpr size_t kMostGrammarBytes = size_t{16} << 20;  // of text in all
inline constexpr uint32_t kMostGrammarDepth = 400;             // of expressions within expressions
inline constexpr uint64_t kMostGrammarStates = 1'000'000;      // once shared expressions are written out

/// Any number of times.
inline constexpr int32_t kNoLimit = -1;

struct ExpressionId {
  uint32_t index;
  bool operator==(const ExpressionId&) const = default;
};

struct RuleId {
  uint32_t index;
  bool operator==(const RuleId&) const = default;
};

enum class ExpressionKind : uint8_t {
  kText,
  kCharacters,
  kToken,
  kSequence,
  kChoice,
  kRepeat,
  kMembers,
  kReference,
};

struct Expression {
  ExpressionKind kind;
  bool negated = false;      // of a token
  uint32_t begin = 0;        // where its text, its ranges or its parts lie within the grammar's
  uint32_t count = 0;        // how many they are; of a token, the bytes of its text
  TokenId token = kNoToken;  // kNoToken where it is named by its text
  int32_t least = 0;         // of a repetition, or of members that are not required
  int32_t most = 0;          // kNoLimit: no limit
  uint32_t required = 0;     // of members: how many must be there
  uint32_t optional = 0;     // and how many may be there once
  RuleId rule{0};            // of a reference
};

struct Rule {
  std::string name;
  ExpressionId body{0};
  bool defined = false;
};

/// What comes one after another in any order, as the members of an object do. None may be empty.
struct MemberParts {
  ExpressionId separator;                   // between two of them
  std::vector<ExpressionId> required = {};  // each once
  std::vector<ExpressionId> optional = {};  // each once at most
  std::vector<ExpressionId> repeated = {};  // each any number of times
  int32_t least = 0;                        // of those that are not required, how many must
  int32_t most = kNoLimit;                  // and may be there
};

/// The expressions of a grammar, in which each stands after its parts.
class Expressions {
 public:
  size_t size() const { return expressions_.size(); }
  const Expression& operator[](ExpressionId id) const { return expressions_[id.index]; }
  std::string_view text(const Expression& of) const {
    return std::string_view(text_).substr(of.begin, of.count);
  }
  std::span<const CodePointRange> ranges(const Expression& of) const {
    return std::span(ranges_).subspan(of.begin, of.count);
  }
  std::span<const ExpressionId> parts(const Expression& of) const {
    return std::span(parts_).subspan(of.begin, of.count);
  }
  // Of members; the first of their parts is the separator.
  std::span<const ExpressionId> required(const Expression& of) const {
    return parts(of).subspan(1, of.required);
  }
  std::span<const ExpressionId> optional(const Expression& of) const {
    return parts(of).subspan(size_t{1} + of.required, of.optional);
  }
  std::span<const ExpressionId> repeated(const Expression& of) const {
    return parts(of).subspan(size_t{1} + of.required + of.optional);
  }

 private:
  friend class GrammarBuilder;
  std::vector<Expression> expressions_;
  std::string text_;
  std::vector<CodePointRange> ranges_;
  std::vector<ExpressionId> parts_;
};

/// Rules that were checked: all are defined, none begins with itself, and the root can end.
class Grammar {
 public:
  const Expressions& expressions() const { return expressions_; }
  std::span<const Rule> rules() const { return rules_; }
  RuleId root() const { return root_; }

  /// Whether it can read any text to the end. What can't is a choice that nobody may take.
  bool can_end(ExpressionId id) const { return can_end_[id.index]; }
  /// Whether it can read the empty text.
  bool can_be_empty(ExpressionId id) const { return can_be_empty_[id.index]; }

 private:
  friend class GrammarBuilder;
  Expressions expressions_;
  std::vector<Rule> rules_;
  RuleId root_{0};
  std::vector<bool> can_end_;
  std::vector<bool> can_be_empty_;
};

class GrammarBuilder {
 public:
  /// The bytes themselves, UTF-8 as a rule.
  ExpressionId text(std::string_view bytes);
  /// Any of these, in any order; they may overlap. Surrogates and what is above U+10FFFF are left out; an
  /// empty set is never.
  ExpressionId characters(std::vector<CodePointRange> ranges);
  /// Any but these.
  ExpressionId characters_except(std::vector<CodePointRange> ranges);
  ExpressionId token(TokenId token, bool negated = false);
  /// By the text that the vocabulary has for it, for example "<|im_end|>".
  ExpressionId named_token(std::string_view text, bool negated = false);
  ExpressionId sequence(std::span<const ExpressionId> parts);
  ExpressionId choice(std::span<const ExpressionId> parts);
  /// Requires 0 <= least, and least <= most or kNoLimit.
  ExpressionId repeat(ExpressionId part, int32_t least, int32_t most);
  /// Requires 0 <= least, and least <= most or kNoLimit.
  ExpressionId members(const MemberParts& members);
  ExpressionId reference(RuleId rule);
  /// All that another grammar reads, whose rules become rules of this one.
  ExpressionId include(const Grammar& grammar);

  ExpressionId empty() { return sequence({}); }
  ExpressionId never() { return choice({}); }
  ExpressionId optional(ExpressionId part) { return repeat(part, 0, 1); }

  /// A rule that is defined later, so that it may be referred to before and by itself. Names are for
  /// messages; that they differ is up to the reader.
  RuleId declare(std::string name);
  /// The last definition counts.
  void define(RuleId rule, ExpressionId body);
  bool is_defined(RuleId rule) const { return rules_[rule.index].defined; }

  /// Whether a limit was passed, after which every expression is an empty one: a reader may stop here, and
  /// `finish` says which limit it was.
  bool too_large() const { return !fault_.empty(); }

  /// INVALID_ARGUMENT naming the rule at fault, or the limit. Leaves the builder empty.
  Result<Grammar> finish(RuleId root);

  /// The grammar for the beginning of a text that may go on with anything.
  static Result<Grammar> open_ended(Grammar grammar);

 private:
  ExpressionId add(const Expression& expression, uint32_t depth, uint64_t states);
  ExpressionId add_text(Expression expression, std::string_view bytes);
  ExpressionId add_parts(Expression expression, std::span<const ExpressionId> parts);
  Result<void> check_rules() const;

  Expressions expressions_;
  std::vector<uint32_t> depths_;  // of each expression
  std::vector<uint64_t> states_;  // that each comes to
  std::vector<Rule> rules_;
  std::string fault_;
};

}  // namespace hearth
