#include "engine/grammar/json_schema/decimal.h"

#include <charconv>
#include <nlohmann/json.hpp>

#include "engine/text/json_text.h"

namespace hearth::json_schema {

std::string Decimal::whole() const {
  const int length = static_cast<int>(digits.size()) + exponent;
  if (length <= 0) return "0";
  std::string whole = digits.substr(0, static_cast<size_t>(length));
  whole.resize(static_cast<size_t>(length), '0');
  return whole;
}

std::string Decimal::fraction() const {
  const int length = static_cast<int>(digits.size()) + exponent;
  if (exponent >= 0) return "";
  if (length > 0) return digits.substr(static_cast<size_t>(length));
  return std::string(static_cast<size_t>(-length), '0') + digits;
}

Decimal decimal_of(const nlohmann::ordered_json& number) {
  const std::string text = write_json(number);
  Decimal decimal;
  bool behind_point = false;
  size_t at = 0;
  for (; at < text.size() && text[at] != 'e' && text[at] != 'E'; ++at) {
    if (text[at] == '-') {
      decimal.negative = true;
    } else if (text[at] == '.') {
      behind_point = true;
    } else {
      decimal.digits += text[at];
      if (behind_point) --decimal.exponent;
    }
  }
  if (at < text.size()) {
    int power = 0;
    const char* begin = text.data() + at + 1;
    std::from_chars(*begin == '+' ? begin + 1 : begin, text.data() + text.size(), power);
    decimal.exponent += power;
  }
  while (decimal.digits.ends_with('0')) {
    decimal.digits.pop_back();
    ++decimal.exponent;
  }
  decimal.digits.erase(0, decimal.digits.find_first_not_of('0'));
  if (decimal.zero()) decimal = {};
  return decimal;
}

}  // namespace hearth::json_schema
