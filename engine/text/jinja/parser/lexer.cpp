#include "engine/text/jinja/parser/lexer.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <string>

#include "engine/text/jinja/value/characters.h"
#include "engine/text/unicode.h"

namespace hearth::jinja {
namespace {

/// The character that a one-letter escape stands for; 0 where it is none.
char simple_escape(char letter) {
  switch (letter) {
    case '\\':
    case '\'':
    case '"':
      return letter;
    case 'a':
      return '\a';
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    case 'v':
      return '\v';
    default:
      return '\0';
  }
}

/// Hexadecimal digits that \x, \u and \U take; 0 for other letters.
size_t hex_digits(char letter) { return letter == 'x' ? 2 : letter == 'u' ? 4 : letter == 'U' ? 8 : 0; }

void append_code_point(std::string& out, uint32_t code_point) {
  const bool is_character = code_point <= 0x10FFFF && (code_point < 0xD800 || code_point > 0xDFFF);
  append_utf8(out, is_character ? static_cast<char32_t>(code_point) : kReplacementCharacter);
}

Result<std::string> unescape(std::string_view literal) {
  std::string out;
  for (size_t i = 0; i < literal.size();) {
    if (literal[i] != '\\' || i + 1 == literal.size()) {
      out += literal[i++];
      continue;
    }
    const char letter = literal[i + 1];
    i += 2;
    uint32_t code_point = 0;
    if (const char simple = simple_escape(letter); simple != '\0') {
      out += simple;
    } else if (const size_t digits = hex_digits(letter); digits > 0) {
      const std::string_view hex = literal.substr(i, digits);
      const auto parsed = std::from_chars(hex.data(), hex.data() + hex.size(), code_point, 16);
      if (hex.size() < digits || parsed.ptr != hex.data() + hex.size()) {
        return Error{ErrorCode::kInvalidModel,
                     std::string("\\") + letter + " needs " + std::to_string(digits) + " hexadecimal digits"};
      }
      append_code_point(out, code_point);
      i += digits;
    } else if (letter >= '0' && letter <= '7') {
      const std::string_view octal = literal.substr(i - 1, 3);
      const auto parsed = std::from_chars(octal.data(), octal.data() + octal.size(), code_point, 8);
      append_code_point(out, code_point);
      i += static_cast<size_t>(parsed.ptr - octal.data()) - 1;
    } else if (letter != '\n') {  // a backslash before a newline continues the line
      out += '\\';
      out += letter;
    }
  }
  return out;
}

/// Real chat templates stay under 32 KiB.
constexpr size_t kMaxSourceBytes = size_t{1} << 20;

// Two-character operators before their one-character beginnings.
constexpr std::array<std::string_view, 26> kOperators = {"//", "**", "==", "!=", ">=", "<=", "+", "-", "/",
                                                         "*",  "%",  "~",  "[",  "]",  "(",  ")", "{", "}",
                                                         ">",  "<",  "=",  ".",  ":",  "|",  ",", ";"};

bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) != 0;
}
bool is_name_part(char c) { return is_name_start(c) || is_ascii_digit(c); }

/// Newlines as \n, and without the one that ends the source.
std::string normalized_source(std::string_view source) {
  std::string lines;
  const std::string valid = valid_utf8(source);
  for (size_t i = 0; i < valid.size(); ++i) {
    if (valid[i] == '\r') {
      lines += '\n';
      if (i + 1 < valid.size() && valid[i + 1] == '\n') ++i;
    } else {
      lines += valid[i];
    }
  }
  if (lines.ends_with('\n')) lines.pop_back();
  return lines;
}

class Lexer {
 public:
  Lexer(std::string source, const Whitespace& whitespace)
      : source_(std::move(source)), whitespace_(whitespace) {}

  Result<std::vector<Token>> tokenize() {
    while (position_ < source_.size()) HEARTH_TRY(read_data_and_tag());
    add(TokenKind::kEndOfTemplate, "");
    return std::move(tokens_);
  }

 private:
  std::string_view from(size_t offset) const {
    return offset < source_.size() ? std::string_view(source_).substr(offset) : "";
  }
  std::string_view rest() const { return from(position_); }
  bool is_at(size_t offset, std::string_view expected) const { return from(offset).starts_with(expected); }
  bool next_is(std::string_view expected) const { return is_at(position_, expected); }
  char at(size_t offset) const { return offset < source_.size() ? source_[offset] : '\0'; }

  /// Moves on, keeping count of lines.
  void move_to(size_t position) {
    for (; position_ < position; ++position_) {
      if (source_[position_] == '\n') {
        ++line_;
        line_begin_ = position_ + 1;
      }
    }
  }
  void skip_spaces() { move_to(position_ + skip_leading(rest(), is_space)); }

  int column() const { return static_cast<int>(position_ - line_begin_) + 1; }
  void add(TokenKind kind, std::string text) { tokens_.push_back({kind, std::move(text), line_, column()}); }
  Error fail(std::string_view what) const { return template_error(line_, column(), what); }

  Result<void> read_data_and_tag();
  Result<void> read_comment();
  Result<bool> read_raw();
  size_t end_of_name(size_t begin, std::string_view name) const;
  Result<void> read_tag(TokenKind end);
  Result<void> read_token();
  Result<void> read_bracket(char bracket);
  Result<void> read_string();
  void read_number();
  void add_data(size_t end, char sign, bool is_output);
  bool end_tag(std::string_view end, bool trim);

  const std::string source_;
  const Whitespace whitespace_;
  size_t position_ = 0;
  size_t line_begin_ = 0;
  int line_ = 1;
  std::string open_brackets_;  // the closing brackets that are awaited
  std::vector<Token> tokens_;
};

/// The text from here to the tag at `end`, less what the tag's whitespace control takes from it.
void Lexer::add_data(size_t end, char sign, bool is_output) {
  std::string_view data = rest().substr(0, end - position_);
  if (sign == '-') {
    data = data.substr(0, skip_trailing(data, is_space));
  } else if (sign != '+' && whitespace_.lstrip_blocks && !is_output) {
    const size_t newline = data.rfind('\n');
    const bool line_is_known =
        newline != std::string_view::npos || position_ == 0 || at(position_ - 1) == '\n';
    const size_t line_start = newline == std::string_view::npos ? 0 : newline + 1;
    if (line_is_known && skip_trailing(data, is_space) <= line_start) data = data.substr(0, line_start);
  }
  if (!data.empty()) add(TokenKind::kData, std::string(data));
  move_to(end);
}

/// Consumes `end` ("%}", with its sign and the whitespace it takes along) if it comes next.
bool Lexer::end_tag(std::string_view end, bool trim) {
  const char sign = at(position_);
  const bool has_sign = (sign == '-' || (sign == '+' && trim)) && rest().substr(1).starts_with(end);
  if (!has_sign && !next_is(end)) return false;
  move_to(position_ + end.size() + (has_sign ? 1 : 0));
  if (has_sign && sign == '-') {
    skip_spaces();
  } else if (!has_sign && trim && whitespace_.trim_blocks && at(position_) == '\n') {
    move_to(position_ + 1);
  }
  return true;
}

Result<void> Lexer::read_data_and_tag() {
  size_t tag = position_;
  for (;; ++tag) {
    tag = source_.find('{', tag);
    if (tag == std::string::npos) {
      add(TokenKind::kData, std::string(rest()));
      move_to(source_.size());
      return {};
    }
    if (at(tag + 1) == '{' || at(tag + 1) == '%' || at(tag + 1) == '#') break;
  }
  const char kind = at(tag + 1);
  const char sign = at(tag + 2) == '-' || at(tag + 2) == '+' ? at(tag + 2) : '\0';
  add_data(tag, sign, kind == '{');

  const size_t inside = tag + (sign == '\0' ? 2 : 3);
  if (kind == '#') {
    move_to(inside);
    return read_comment();
  }
  if (kind == '%') {
    HEARTH_ASSIGN(const bool was_raw, read_raw());
    if (was_raw) return {};
  }
  add(kind == '%' ? TokenKind::kBlockBegin : TokenKind::kOutputBegin, "");
  move_to(inside);
  return read_tag(kind == '%' ? TokenKind::kBlockEnd : TokenKind::kOutputEnd);
}

Result<void> Lexer::read_comment() {
  const size_t end = source_.find("#}", position_);
  if (end == std::string::npos) return fail("a comment is not closed; add #}");
  const bool has_sign = end > position_ && (source_[end - 1] == '-' || source_[end - 1] == '+');
  move_to(has_sign ? end - 1 : end);
  end_tag("#}", true);
  return {};
}

/// Where the name in the block tag at `begin` ends, spaces included; 0 if the tag is not {% name %}.
size_t Lexer::end_of_name(size_t begin, std::string_view name) const {
  size_t i = begin + 2;
  if (at(i) == '-' || at(i) == '+') ++i;
  i += skip_leading(from(i), is_space);
  if (!is_at(i, name)) return 0;
  i += name.size();
  i += skip_leading(from(i), is_space);
  return is_at(i, "%}") || is_at(i, "-%}") || is_at(i, "+%}") ? i : 0;
}

/// Reads {% raw %} ... {% endraw %} if that is what comes next. The position is at a block's beginning.
Result<bool> Lexer::read_raw() {
  const size_t raw_end = end_of_name(position_, "raw");
  if (raw_end == 0) return false;
  const int line = line_;
  const int at_column = column();
  move_to(raw_end);
  if (!end_tag("%}", false)) return fail("expected %} after raw");
  for (size_t tag = source_.find("{%", position_); tag != std::string::npos;
       tag = source_.find("{%", tag + 1)) {
    const size_t end = end_of_name(tag, "endraw");
    if (end == 0) continue;
    add_data(tag, at(tag + 2), false);
    move_to(end);
    end_tag("%}", true);
    return true;
  }
  return template_error(line, at_column, "a raw block is not closed; add {% endraw %}");
}

Result<void> Lexer::read_tag(TokenKind end) {
  const bool is_block = end == TokenKind::kBlockEnd;
  const Token begin = tokens_.back();
  while (true) {
    skip_spaces();
    if (position_ == source_.size()) {
      return template_error(
          begin.line, begin.column,
          is_block ? "a block tag is not closed; add %}" : "an output is not closed; add }}");
    }
    const int line = line_;
    const int at_column = column();
    if (open_brackets_.empty() && end_tag(is_block ? "%}" : "}}", is_block)) {
      tokens_.push_back({end, "", line, at_column});
      return {};
    }
    HEARTH_TRY(read_token());
  }
}

Result<void> Lexer::read_token() {
  const char c = source_[position_];
  if (is_ascii_digit(c)) {
    read_number();
    return {};
  }
  if (is_name_start(c)) {
    size_t end = position_;
    while (end < source_.size() && is_name_part(source_[end])) ++end;
    add(TokenKind::kName, source_.substr(position_, end - position_));
    move_to(end);
    return {};
  }
  if (c == '\'' || c == '"') return read_string();
  for (const std::string_view candidate : kOperators) {
    if (!next_is(candidate)) continue;
    if (candidate.size() == 1) HEARTH_TRY(read_bracket(c));
    add(TokenKind::kOperator, std::string(candidate));
    move_to(position_ + candidate.size());
    return {};
  }
  return fail(fmt::format("unexpected character '{}'", rest().substr(0, character_bytes(c))));
}

/// Within brackets, }} and %} do not end the tag.
Result<void> Lexer::read_bracket(char bracket) {
  if (bracket == '(') open_brackets_ += ')';
  if (bracket == '[') open_brackets_ += ']';
  if (bracket == '{') open_brackets_ += '}';
  if (bracket == ')' || bracket == ']' || bracket == '}') {
    if (open_brackets_.empty()) return fail(fmt::format("'{}' closes nothing; remove it", bracket));
    if (open_brackets_.back() != bracket) {
      return fail(fmt::format("expected '{}' before '{}'", open_brackets_.back(), bracket));
    }
    open_brackets_.pop_back();
  }
  return {};
}

Result<void> Lexer::read_string() {
  const char quote = source_[position_];
  size_t end = position_ + 1;
  while (end < source_.size() && source_[end] != quote) end += source_[end] == '\\' ? 2 : 1;
  if (end >= source_.size()) return fail(fmt::format("a string is not closed; add {}", quote));
  Result<std::string> literal = unescape(rest().substr(1, end - position_ - 1));
  if (!literal.ok()) return fail(literal.error().message);
  add(TokenKind::kString, std::move(*literal));
  move_to(end + 1);
  return {};
}

void Lexer::read_number() {
  size_t end = position_;
  std::string digits;
  const auto read_while = [&](auto is_wanted) {
    while (is_wanted(at(end)) || (at(end) == '_' && !digits.empty() && is_wanted(at(end + 1)))) {
      if (source_[end] != '_') digits += source_[end];
      ++end;
    }
  };
  const auto is_alphanumeric = [](char c) { return is_name_part(c) && c != '_' && (c & 0x80) == 0; };
  const char prefix = static_cast<char>(at(end + 1) | 0x20);
  if (at(end) == '0' && (prefix == 'x' || prefix == 'o' || prefix == 'b')) {
    read_while(is_alphanumeric);
    add(TokenKind::kInteger, std::move(digits));
    move_to(end);
    return;
  }
  read_while(is_ascii_digit);
  bool is_real = false;
  const bool is_attribute = position_ > 0 && source_[position_ - 1] == '.';  // of list.0.1
  if (!is_attribute && at(end) == '.' && is_ascii_digit(at(end + 1))) {
    is_real = true;
    digits += source_[end++];
    read_while(is_ascii_digit);
  }
  const bool has_sign = at(end + 1) == '+' || at(end + 1) == '-';
  if ((at(end) == 'e' || at(end) == 'E') && is_ascii_digit(at(end + (has_sign ? 2 : 1)))) {
    is_real = true;
    digits += source_[end++];
    if (has_sign) digits += source_[end++];
    read_while(is_ascii_digit);
  }
  add(is_real ? TokenKind::kReal : TokenKind::kInteger, std::move(digits));
  move_to(end);
}

}  // namespace

Error template_error(int line, int column, std::string_view what) {
  return {ErrorCode::kInvalidModel, fmt::format("line {}, column {}: {}", line, column, what)};
}

Result<std::vector<Token>> tokenize(std::string_view source, const Whitespace& whitespace) {
  if (source.size() > kMaxSourceBytes) {
    return Error{ErrorCode::kInvalidModel, fmt::format("line 1: {} bytes are more than the {} that a "
                                                       "template may have; pass a shorter one",
                                                       source.size(), kMaxSourceBytes)};
  }
  return Lexer(normalized_source(source), whitespace).tokenize();
}

}  // namespace hearth::jinja
