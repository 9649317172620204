// Numbers exactly as a schema writes them.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace hearth::json_schema {

/// digits * 10^exponent, negative or not; no zero at either end of the digits, and none at all for zero.
struct Decimal {
  bool negative = false;
  std::string digits;
  int exponent = 0;

  bool zero() const { return digits.empty(); }
  /// The digits before the point, at least "0", and those behind it.
  std::string whole() const;
  std::string fraction() const;
  bool operator==(const Decimal&) const = default;
};

/// What a JSON number says. Requires that it is one.
Decimal decimal_of(const nlohmann::ordered_json& number);

}  // namespace hearth::json_schema
