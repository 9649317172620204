#include "engine/grammar/regex_syntax.h"

#include <algorithm>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "engine/base/escaped.h"
#include "engine/grammar/regex_classes.h"

namespace hearth {
namespace {

constexpr int kDeepestGroup = 100;
constexpr uint32_t kMostRepetitions = 100'000;
constexpr size_t kLongestShown = 200;

struct Bounds {
  uint32_t least;
  uint32_t most;
};

class RegexParser {
 public:
  explicit RegexParser(std::string_view pattern) : pattern_(pattern) {}

  Result<RegexNode> parse() {
    HEARTH_ASSIGN(RegexNode node, choice(0));
    if (at_ < pattern_.size()) return invalid("')' closes no group");
    return node;
  }

 private:
  Error fault(ErrorCode code, const std::string& what) const {
    const bool long_one = pattern_.size() > kLongestShown;
    return {code, "regular expression /" + escaped(pattern_.substr(0, kLongestShown)) +
                      (long_one ? ".../" : "/") + ", byte " + std::to_string(at_) + ": " + what};
  }
  Error invalid(const std::string& what) const { return fault(ErrorCode::kInvalidArgument, what); }
  Error unsupported(const std::string& what) const { return fault(ErrorCode::kUnsupported, what); }

  bool ended() const { return at_ == pattern_.size(); }
  bool next_is(std::string_view text) const { return pattern_.substr(at_).starts_with(text); }
  bool take(std::string_view text) {
    if (!next_is(text)) return false;
    at_ += text.size();
    return true;
  }
  char32_t take_character() {
    const Utf8Character character = decode_utf8(pattern_.substr(at_));
    at_ += character.bytes;
    return character.code_point;
  }

  Result<RegexNode> choice(int depth) {
    if (depth > kDeepestGroup) {
      return unsupported("groups are nested more than " + std::to_string(kDeepestGroup) + " deep");
    }
    RegexNode node;
    node.kind = RegexKind::kChoice;
    do {
      HEARTH_ASSIGN(RegexNode part, sequence(depth));
      node.parts.push_back(std::move(part));
    } while (take("|"));
    if (node.parts.size() > 1) return node;
    RegexNode only = std::move(node.parts.front());
    return only;
  }

  Result<RegexNode> sequence(int depth) {
    RegexNode node;
    while (!ended() && !next_is("|") && !next_is(")")) {
      HEARTH_ASSIGN(RegexNode part, atom(depth));
      HEARTH_ASSIGN(const std::optional<Bounds> bounds, quantifier());
      if (!bounds) {
        node.parts.push_back(std::move(part));
        continue;
      }
      if (part.kind == RegexKind::kStart || part.kind == RegexKind::kEnd) {
        return invalid("'^' and '$' cannot be repeated");
      }
      RegexNode repeat;
      repeat.kind = RegexKind::kRepeat;
      repeat.least = bounds->least;
      repeat.most = bounds->most;
      repeat.parts.push_back(std::move(part));
      node.parts.push_back(std::move(repeat));
    }
    return node;
  }

  Result<RegexNode> atom(int depth) {
    if (take("(")) return group(depth);
    RegexNode node;
    if (take("^")) {
      node.kind = RegexKind::kStart;
    } else if (take("$")) {
      node.kind = RegexKind::kEnd;
    } else {
      HEARTH_ASSIGN(node.characters, characters());
      node.kind = RegexKind::kCharacters;
    }
    return node;
  }

  Result<RegexNode> group(int depth) {
    if (take("?")) {
      for (const std::string_view look : {"=", "!", "<=", "<!"}) {
        if (next_is(look)) return unsupported("lookahead and lookbehind are not supported");
      }
      if (take("<") || take("P<")) {
        const size_t end = pattern_.find('>', at_);
        if (end == std::string_view::npos || end == at_) return invalid("a group's name ends with '>'");
        at_ = end + 1;
      } else if (!take(":")) {
        return unsupported("flags and other groups that begin with '(?' are not supported");
      }
    }
    HEARTH_ASSIGN(RegexNode node, choice(depth + 1));
    if (!take(")")) return invalid("a group is not closed");
    return node;
  }

  /// Lazy or not, the same texts match.
  Result<std::optional<Bounds>> quantifier() {
    std::optional<Bounds> bounds;
    if (take("*")) {
      bounds = {0, kNoMost};
    } else if (take("+")) {
      bounds = {1, kNoMost};
    } else if (take("?")) {
      bounds = {0, 1};
    } else if (next_is("{")) {
      HEARTH_ASSIGN(bounds, braces());
    }
    if (bounds) take("?");
    if (bounds && (next_is("*") || next_is("+") || next_is("?"))) {
      return invalid("there is nothing here that could be repeated");
    }
    return bounds;
  }

  /// {m}, {m,} or {m,n}; any other brace stands for itself.
  Result<std::optional<Bounds>> braces() {
    const size_t start = at_++;
    Bounds bounds{};
    const std::optional<uint32_t> least = number();
    bounds.most = bounds.least = least.value_or(0);
    if (take(",")) bounds.most = number().value_or(kNoMost);
    if (!least || !take("}")) {
      at_ = start;
      return std::optional<Bounds>();
    }
    if (bounds.most < bounds.least) return invalid("a repetition's bounds are out of order");
    if (bounds.least > kMostRepetitions || (bounds.most != kNoMost && bounds.most > kMostRepetitions)) {
      return unsupported("more than " + std::to_string(kMostRepetitions) + " repetitions");
    }
    return std::optional(bounds);
  }

  /// At most kMostRepetitions + 1, however many digits.
  std::optional<uint32_t> number() {
    const size_t start = at_;
    uint32_t value = 0;
    for (; !ended() && pattern_[at_] >= '0' && pattern_[at_] <= '9'; ++at_) {
      value = std::min(value * 10 + static_cast<uint32_t>(pattern_[at_] - '0'), kMostRepetitions + 1);
    }
    if (at_ == start) return std::nullopt;
    return value;
  }

  Result<CodePoints> characters() {
    if (take(".")) return any_but_line_ends();
    if (take("[")) return bracketed();
    if (take("\\")) return escape(false);
    if (next_is("*") || next_is("+") || next_is("?")) {
      return invalid("there is nothing before this that could be repeated");
    }
    return CodePoints::one(take_character());
  }

  Result<CodePoints> bracketed() {
    const bool negated = take("^");
    CodePoints all;
    while (!take("]")) {
      if (ended()) return invalid("a class is not closed with ']'");
      HEARTH_ASSIGN(CodePoints part, class_member());
      const bool range = next_is("-") && !next_is("-]") && at_ + 1 < pattern_.size();
      if (range && is_one(part)) {
        ++at_;
        HEARTH_ASSIGN(const CodePoints last, class_member());
        if (is_one(last)) {
          const char32_t from = part.ranges().front().first;
          const char32_t to = last.ranges().front().first;
          if (from > to) return invalid("a range's ends are out of order");
          part = CodePoints({{from, to}});
        } else {
          part = part | last | CodePoints::one('-');
        }
      }
      all = all | part;
    }
    return negated ? CodePoints::all() - all : all;
  }

  static bool is_one(const CodePoints& characters) {
    return characters.ranges().size() == 1 &&
           characters.ranges().front().first == characters.ranges().front().last;
  }

  Result<CodePoints> class_member() {
    if (ended()) return invalid("a class is not closed with ']'");
    if (take("\\")) return escape(true);
    return CodePoints::one(take_character());
  }

  /// What follows a backslash.
  Result<CodePoints> escape(bool in_class) {
    if (ended()) return invalid("a backslash ends it");
    const char32_t letter = take_character();
    if (std::optional<CodePoints> shorthand = shorthand_class(letter)) return *shorthand;
    if (in_class && letter == 'b') return CodePoints::one('\b');
    constexpr std::u32string_view kLetters = U"tnrvf0";
    constexpr char32_t kMeanings[] = U"\t\n\r\v\f";  // and the 0 at its end
    if (letter == '0' && !ended() && pattern_[at_] >= '0' && pattern_[at_] <= '9') {
      return unsupported("octal escapes are not supported");
    }
    if (const size_t known = kLetters.find(letter); known != std::u32string_view::npos) {
      return CodePoints::one(kMeanings[known]);
    }
    if (letter == 'p' || letter == 'P') return property(letter == 'P');
    if (letter == 'x') return hexadecimal(2);
    if (letter == 'u') return unicode_escape();
    if (letter == 'c' && !ended() && is_ascii_letter(pattern_[at_])) {
      return CodePoints::one(take_character() % 32);
    }
    return identity_escape(letter);
  }

  Result<CodePoints> identity_escape(char32_t letter) {
    if (letter == 'b' || letter == 'B') return unsupported("\\b and \\B are not supported");
    if (letter == 'k' || (letter >= '1' && letter <= '9')) {
      return unsupported("back references are not supported");
    }
    if (letter < 0x80 && is_ascii_letter(static_cast<char>(letter))) {
      return unsupported("there is no escape \\" + std::string(1, static_cast<char>(letter)));
    }
    return CodePoints::one(letter);
  }

  static bool is_ascii_letter(char byte) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z');
  }

  Result<CodePoints> property(bool negated) {
    const size_t end = pattern_.find('}', at_);
    if (!take("{") || end == std::string_view::npos) return invalid("\\p is followed by a name in braces");
    const std::string_view name = pattern_.substr(at_, end - at_);
    auto known = properties_.find(name);
    if (known == properties_.end()) known = properties_.emplace(name, property_class(name)).first;
    const std::optional<CodePoints>& found = known->second;
    if (!found) return unsupported("the property of characters '" + escaped(name) + "' is not known");
    at_ = end + 1;
    return negated ? CodePoints::all() - *found : *found;
  }

  std::optional<char32_t> hexadecimal_digits(size_t least, size_t most) {
    char32_t value = 0;
    size_t digits = 0;
    for (; digits < most && !ended(); ++digits, ++at_) {
      const char byte = pattern_[at_];
      if (byte >= '0' && byte <= '9') {
        value = value * 16 + static_cast<char32_t>(byte - '0');
      } else if ((byte >= 'a' && byte <= 'f') || (byte >= 'A' && byte <= 'F')) {
        value = value * 16 + static_cast<char32_t>((byte | 0x20) - 'a' + 10);
      } else {
        break;
      }
    }
    if (digits < least) return std::nullopt;
    return value;
  }

  Result<CodePoints> hexadecimal(size_t digits) {
    const std::optional<char32_t> value = hexadecimal_digits(digits, digits);
    if (!value) return invalid("here should be " + std::to_string(digits) + " hexadecimal digits");
    return CodePoints::one(*value);
  }

  /// \u{1F600}, \u00e9, or two of the latter that are a surrogate pair.
  Result<CodePoints> unicode_escape() {
    if (take("{")) {
      const std::optional<char32_t> value = hexadecimal_digits(1, 6);
      if (!value || *value > 0x10FFFF || !take("}"))
        return invalid("\\u{...} holds a code point up to 10FFFF");
      return CodePoints::one(*value);
    }
    const std::optional<char32_t> first = hexadecimal_digits(4, 4);
    if (!first) return invalid("here should be 4 hexadecimal digits");
    if (*first < 0xD800 || *first > 0xDFFF) return CodePoints::one(*first);
    if (*first < 0xDC00 && take("\\u")) {
      const std::optional<char32_t> second = hexadecimal_digits(4, 4);
      if (second && *second >= 0xDC00 && *second <= 0xDFFF) {
        return CodePoints::one(0x10000 + ((*first - 0xD800) << 10) + (*second - 0xDC00));
      }
    }
    return unsupported("half of a surrogate pair is no character");
  }

  std::string_view pattern_;
  size_t at_ = 0;
  std::map<std::string_view, std::optional<CodePoints>> properties_;  // that were asked for
};

}  // namespace

Result<RegexNode> parse_regex(std::string_view pattern) { return RegexParser(pattern).parse(); }

}  // namespace hearth
