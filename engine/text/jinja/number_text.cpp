#include "engine/text/jinja/number_text.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <string>

#include "engine/text/jinja/characters.h"

namespace hearth::jinja {
namespace {

std::string_view stripped(std::string_view text) {
  text.remove_prefix(skip_leading(text, is_space));
  return text.substr(0, skip_trailing(text, is_space));
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Drops single underscores between digits; false where one stands elsewhere.
bool remove_underscores(std::string_view text, std::string& plain) {
  const auto is_alphanumeric = [&](size_t i) {
    return i < text.size() && (is_digit(text[i]) || ((text[i] | 0x20) >= 'a' && (text[i] | 0x20) <= 'z'));
  };
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '_') {
      plain += text[i];
    } else if (i == 0 || !is_alphanumeric(i - 1) || !is_alphanumeric(i + 1)) {
      return false;
    }
  }
  return true;
}

int64_t base_of_prefix(std::string_view digits) {
  if (digits.size() < 2 || digits[0] != '0') return 0;
  const char letter = static_cast<char>(digits[1] | 0x20);
  return letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 0;
}

/// Whether the text is [sign] digits [. digits] [e [sign] digits], with a digit somewhere before the e.
bool is_decimal(std::string_view text) {
  size_t i = !text.empty() && (text[0] == '+' || text[0] == '-') ? 1 : 0;
  const auto skip_digits = [&] {
    const size_t begin = i;
    while (i < text.size() && is_digit(text[i])) ++i;
    return i - begin;
  };
  size_t digits = skip_digits();
  if (i < text.size() && text[i] == '.') {
    ++i;
    digits += skip_digits();
  }
  if (digits == 0) return false;
  if (i < text.size() && (text[i] | 0x20) == 'e') {
    ++i;
    if (i < text.size() && (text[i] == '+' || text[i] == '-')) ++i;
    if (skip_digits() == 0) return false;
  }
  return i == text.size();
}

bool is_named_real(std::string_view text) {
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) text.remove_prefix(1);
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return static_cast<char>(c | 0x20); });
  return lower == "inf" || lower == "infinity" || lower == "nan";
}

}  // namespace

ParsedInteger parse_integer(std::string_view text, int64_t base) {
  const ParsedInteger syntax_fault{0, NumberFault::kSyntax};
  std::string digits;
  if (!remove_underscores(stripped(text), digits) || base < 0 || base == 1 || base > 36) return syntax_fault;
  const bool is_negative = digits.starts_with('-');
  if (is_negative || digits.starts_with('+')) digits.erase(0, 1);
  if (const int64_t prefix = base_of_prefix(digits); prefix != 0 && (base == 0 || base == prefix)) {
    digits.erase(0, 2);
    base = prefix;
  }
  if (digits.empty() || digits[0] == '-') return syntax_fault;
  if (is_negative) digits.insert(0, 1, '-');
  ParsedInteger parsed;
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), parsed.value,
                                      static_cast<int>(base == 0 ? 10 : base));
  if (result.ptr != digits.data() + digits.size()) return syntax_fault;
  if (result.ec == std::errc::result_out_of_range) parsed.fault = NumberFault::kRange;
  return parsed;
}

std::optional<double> parse_real(std::string_view text) {
  std::string plain;
  if (!remove_underscores(stripped(text), plain)) return std::nullopt;
  if (!is_decimal(plain) && !is_named_real(plain)) return std::nullopt;
  return std::strtod(plain.c_str(), nullptr);
}

}  // namespace hearth::jinja
