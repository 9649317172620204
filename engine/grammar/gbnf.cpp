#include "engine/grammar/gbnf.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace hearth {
namespace {

bool is_name_character(char character) {
  return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
         (character >= '0' && character <= '9') || character == '-' || character == '_';
}

bool is_digit(char character) { return character >= '0' && character <= '9'; }

int hexadecimal_value(char digit) {
  if (is_digit(digit)) return digit - '0';
  const char lower = static_cast<char>(digit | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/// Goes through the text once, from left to right. Every function leaves `at_` behind what it has read; the
/// first fault is kept, and moves `at_` to the end, where it may be moved on.
class GbnfReader {
 public:
  explicit GbnfReader(std::string_view text) : text_(text) {}

  Result<Grammar> read(std::string_view root) {
    skip_space(true);
    while (at_ < text_.size()) read_rule();
    if (fault_) return *std::move(fault_);
    const auto found = rules_.find(std::string(root));
    if (found == rules_.end() || !builder_.is_defined(found->second.id)) {
      return Error{ErrorCode::kInvalidArgument,
                   fmt::format("the grammar has no rule {}, with which an answer begins", root)};
    }
    HEARTH_TRY(check_all_are_defined());
    return builder_.finish(found->second.id);
  }

 private:
  struct NamedRule {
    RuleId id;
    size_t first_use;
  };

  std::string_view rest() const { return text_.substr(std::min(at_, text_.size())); }
  char peek(size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  Error error_at(size_t place, std::string_view what) const {
    const std::string_view before = text_.substr(0, place);
    const auto line = std::count(before.begin(), before.end(), '\n') + 1;
    const size_t column = place - (before.rfind('\n') + 1) + 1;
    return {ErrorCode::kInvalidArgument, fmt::format("line {}, column {}: {}", line, column, what)};
  }

  void fail(size_t place, std::string_view what) {
    if (!fault_) fault_ = error_at(place, what);
    at_ = text_.size();
  }

  void expect(std::string_view wanted, std::string_view where) {
    if (rest().starts_with(wanted)) {
      at_ += wanted.size();
    } else {
      fail(at_, fmt::format("expected {} {}", wanted, where));
    }
  }

  /// Passes over blanks and comments, and ends of lines where they mean nothing.
  void skip_space(bool over_lines) {
    for (; at_ < text_.size(); ++at_) {
      if (peek() == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
        if (at_ == text_.size()) return;
      }
      const bool line_end = peek() == '\n' || peek() == '\r';
      if (peek() != ' ' && peek() != '\t' && !(line_end && over_lines)) return;
    }
  }

  /// Outside of groups a line's end ends the rule, unless the next line goes on with another alternative.
  bool goes_on_with_alternative(bool in_group) {
    skip_space(in_group);
    const size_t end = at_;
    skip_space(true);
    if (peek() == '|') return true;
    at_ = end;
    return false;
  }

  std::string_view read_name() {
    const size_t begin = at_;
    while (is_name_character(peek())) ++at_;
    if (at_ == begin) fail(at_, "expected the name of a rule");
    return text_.substr(begin, at_ - begin);
  }

  RuleId rule_named(std::string_view name, size_t place) {
    const auto [found, is_new] = rules_.try_emplace(std::string(name), NamedRule{{0}, place});
    if (is_new) found->second.id = builder_.declare(std::string(name));
    return found->second.id;
  }

  void read_rule() {
    const size_t begin = at_;
    const std::string_view name = read_name();
    if (fault_) return;
    const RuleId rule = rule_named(name, begin);
    if (builder_.is_defined(rule)) return fail(begin, fmt::format("the rule {} is defined twice", name));
    skip_space(false);
    expect("::=", "after the name of a rule");
    skip_space(true);
    builder_.define(rule, read_alternatives(false));
    skip_space(false);
    if (at_ < text_.size() && peek() != '\n' && peek() != '\r') fail(at_, "expected the end of the rule");
    skip_space(true);
  }

  ExpressionId read_alternatives(bool in_group) {
    if (++depth_ > kMostGrammarDepth) {
      fail(at_, fmt::format("groups stand more than {} deep within each other", kMostGrammarDepth));
    }
    std::vector<ExpressionId> alternatives{read_sequence(in_group)};
    while (goes_on_with_alternative(in_group)) {
      ++at_;
      skip_space(true);
      alternatives.push_back(read_sequence(in_group));
    }
    --depth_;
    return builder_.choice(alternatives);
  }

  ExpressionId read_sequence(bool in_group) {
    std::vector<ExpressionId> parts;
    while (const std::optional<ExpressionId> part = read_part()) {
      parts.push_back(read_repetitions(*part, in_group));
      skip_space(in_group);
      if (builder_.too_large()) at_ = text_.size();
    }
    return builder_.sequence(parts);
  }

  /// Nothing where what follows begins no part.
  std::optional<ExpressionId> read_part() {
    const char first = peek();
    if (first == '"') return read_literal();
    if (first == '[') return read_class();
    if (first == '<') return read_token(false);
    if (first == '!') {
      ++at_;
      return read_token(true);
    }
    if (first == '.') {
      ++at_;
      return builder_.characters_except({});
    }
    if (first == '(') {
      ++at_;
      skip_space(true);
      const ExpressionId group = read_alternatives(true);
      skip_space(true);
      expect(")", "at the end of a group");
      return group;
    }
    if (!is_name_character(first)) return std::nullopt;
    const size_t place = at_;
    return builder_.reference(rule_named(read_name(), place));
  }

  ExpressionId read_literal() {
    const size_t begin = at_++;
    std::string literal;
    while (at_ < text_.size() && peek() != '"') append_utf8(literal, read_character());
    if (at_ >= text_.size()) fail(begin, "the literal has no closing \"");
    ++at_;
    return builder_.text(literal);
  }

  ExpressionId read_class() {
    const size_t begin = at_++;
    const bool negated = peek() == '^';
    if (negated) ++at_;
    std::vector<CodePointRange> ranges;
    while (at_ < text_.size() && peek() != ']') {
      const size_t place = at_;
      CodePointRange range{read_character(), 0};
      range.last = range.first;
      if (peek() == '-' && peek(1) != ']') {
        ++at_;
        range.last = read_character();
      }
      if (range.last < range.first && !fault_) fail(place, "the range ends before it begins");
      ranges.push_back(range);
    }
    if (at_ >= text_.size()) fail(begin, "the class of characters has no closing ]");
    ++at_;
    return negated ? builder_.characters_except(std::move(ranges)) : builder_.characters(std::move(ranges));
  }

  char32_t read_character() {
    if (rest().empty()) {
      fail(at_, "the grammar ends within a literal or a class");
      return 0;
    }
    const Utf8Character character = decode_utf8(rest());
    if (character.state != Utf8State::kValid) {
      fail(at_, "the grammar is not valid UTF-8");
      return 0;
    }
    if (character.code_point == '\\') return read_escape();
    at_ += character.bytes;
    return character.code_point;
  }

  char32_t read_escape() {
    const size_t place = at_;
    const char kind = peek(1);
    at_ += 2;
    switch (kind) {
      case 'n':
        return '\n';
      case 't':
        return '\t';
      case 'r':
        return '\r';
      case '\\':
      case '"':
      case '[':
      case ']':
        return static_cast<char32_t>(kind);
      case 'x':
        return read_hexadecimal(place, 2);
      case 'u':
        return read_hexadecimal(place, 4);
      case 'U':
        return read_hexadecimal(place, 8);
      default:
        fail(place, "unknown escape: there are \\n \\t \\r \\\\ \\\" \\[ \\] \\xNN \\uNNNN \\UNNNNNNNN");
        return 0;
    }
  }

  char32_t read_hexadecimal(size_t place, int digits) {
    uint32_t value = 0;
    for (int digit = 0; digit < digits; ++digit) {
      const int next = hexadecimal_value(peek());
      if (next < 0) {
        fail(place, fmt::format("the escape needs {} hexadecimal digits", digits));
        return 0;
      }
      value = value * 16 + static_cast<uint32_t>(next);
      ++at_;
    }
    if (value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) {
      fail(place, "the escape stands for no character of Unicode");
      return 0;
    }
    return value;
  }

  ExpressionId read_token(bool negated) {
    const size_t begin = at_;
    expect("<", "after !");
    if (peek() == '[') {
      ++at_;
      const int32_t id = read_number();
      expect("]>", "after the token's number");
      return builder_.token(id, negated);
    }
    const size_t end = text_.find('>', at_);
    if (end == std::string_view::npos || text_.substr(at_, end - at_).find('\n') != std::string_view::npos) {
      fail(begin, "the token has no closing >");
      return builder_.empty();
    }
    at_ = end + 1;
    return builder_.named_token(text_.substr(begin, at_ - begin), negated);
  }

  int32_t read_number() {
    const size_t begin = at_;
    const std::string_view from = rest();
    while (is_digit(peek())) ++at_;
    const std::string_view digits = from.substr(0, at_ - begin);
    if (digits.empty() || digits.size() > 9) {
      fail(begin, digits.empty() ? "expected a number" : "the number has more than 9 digits");
      return 0;
    }
    int32_t value = 0;
    for (const char digit : digits) value = value * 10 + (digit - '0');
    return value;
  }

  ExpressionId read_repetitions(ExpressionId part, bool in_group) {
    for (;;) {
      skip_space(in_group);
      const char sign = peek();
      if (sign != '*' && sign != '+' && sign != '?' && sign != '{') return part;
      const size_t place = at_++;
      int32_t least = sign == '+' ? 1 : 0;
      int32_t most = sign == '?' ? 1 : kNoLimit;
      if (sign == '{') read_bounds(least, most);
      if (most != kNoLimit && most < least && !fault_)
        fail(place, "the repetition's most is below its least");
      if (fault_) return part;
      part = builder_.repeat(part, least, most);
    }
  }

  /// {m}, {m,} and {m,n}, behind the brace.
  void read_bounds(int32_t& least, int32_t& most) {
    skip_space(false);
    least = most = read_number();
    skip_space(false);
    if (peek() == ',') {
      ++at_;
      skip_space(false);
      most = is_digit(peek()) ? read_number() : kNoLimit;
      skip_space(false);
    }
    expect("}", "at the end of a repetition");
  }

  Result<void> check_all_are_defined() const {
    std::optional<size_t> first;
    for (const auto& [name, rule] : rules_) {
      if (!builder_.is_defined(rule.id)) first = std::min(first.value_or(rule.first_use), rule.first_use);
    }
    if (!first || builder_.too_large()) return {};
    return error_at(*first, "there is no rule of this name");
  }

  std::string_view text_;
  size_t at_ = 0;
  uint32_t depth_ = 0;
  std::optional<Error> fault_;
  GrammarBuilder builder_;
  std::unordered_map<std::string, NamedRule> rules_;
};

}  // namespace

Result<Grammar> read_gbnf(std::string_view text, std::string_view root) {
  return GbnfReader(text).read(root);
}

Result<Grammar> read_choices(std::span<const std::string> choices) {
  if (choices.empty()) return Error{ErrorCode::kInvalidArgument, "there are no choices: give at least one"};
  GrammarBuilder builder;
  std::vector<ExpressionId> texts;
  for (const std::string& choice : choices) texts.push_back(builder.text(choice));
  const RuleId root = builder.declare("choices");
  builder.define(root, builder.choice(texts));
  return builder.finish(root);
}

}  // namespace hearth
