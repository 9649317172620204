#include "engine/text/jinja/number_text.h"

#include <algorithm>
#include <cstdlib>
#include <string>

#include "engine/text/jinja/characters.h"

namespace hearth::jinja {
namespace {

/// As many digits as Python reads.
constexpr size_t kMaxDigits = 4300;

/// The decimal digits of every script stand in runs from 0 to 9.
char ascii_digit(char32_t digit) {
  int value = 0;
  for (char32_t before = digit - 1; is_decimal_digit(before); --before) ++value;
  return static_cast<char>('0' + value % 10);
}

/// Without blanks at its ends, and with decimal digits of all scripts as ASCII's.
std::string normalized_number(std::string_view text) {
  text.remove_prefix(skip_leading(text, is_space));
  text = text.substr(0, skip_trailing(text, is_space));
  std::string plain;
  each_character(text, [&](char32_t c, std::string_view bytes) {
    if (c > 0x7F && is_decimal_digit(c)) {
      plain += ascii_digit(c);
    } else {
      plain += bytes;
    }
  });
  return plain;
}

/// Drops single underscores between digits; false where one stands elsewhere.
bool remove_underscores(std::string_view text, std::string& plain) {
  const auto is_alphanumeric = [&](size_t i) {
    return i < text.size() &&
           (is_ascii_digit(text[i]) || ((text[i] | 0x20) >= 'a' && (text[i] | 0x20) <= 'z'));
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
    while (i < text.size() && is_ascii_digit(text[i])) ++i;
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

std::optional<BigInteger> parse_integer(std::string_view text, int64_t base, Budget& budget) {
  std::string digits;
  budget.spend_bytes(text.size());
  if (!remove_underscores(normalized_number(text), digits) || base < 0 || base == 1 || base > 36)
    return std::nullopt;
  const bool has_sign = digits.starts_with('-') || digits.starts_with('+');
  const std::string sign = digits.substr(0, has_sign ? 1 : 0);
  digits.erase(0, sign.size());
  const int64_t prefix = base_of_prefix(digits);
  if (prefix != 0 && (base == 0 || base == prefix)) {
    digits.erase(0, 2);
    base = prefix;
  } else if (base == 0 && digits.size() > 1 && digits[0] == '0' &&
             digits.find_first_not_of('0') != std::string::npos) {
    return std::nullopt;  // 010 could be meant as 8
  }
  if (digits.starts_with('-') || digits.starts_with('+')) return std::nullopt;
  budget.spend(std::min(digits.size(), kMaxDigits) * std::min(digits.size(), kMaxDigits) / 20000);
  return parse_digits(sign + digits, static_cast<uint32_t>(base == 0 ? 10 : base));
}

std::optional<BigInteger> parse_digits(std::string_view digits, uint32_t base) {
  if (digits.size() > kMaxDigits + 1) return std::nullopt;
  return BigInteger::parse(digits, base);
}

std::optional<double> parse_real(std::string_view text) {
  std::string plain;
  if (!remove_underscores(normalized_number(text), plain)) return std::nullopt;
  if (!is_decimal(plain) && !is_named_real(plain)) return std::nullopt;
  return std::strtod(plain.c_str(), nullptr);
}

}  // namespace hearth::jinja
