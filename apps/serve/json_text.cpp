#include "apps/serve/json_text.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>

#include "apps/serve/refusal.h"
#include "engine/text/json_text.h"

namespace hearth::serve {

using nlohmann::ordered_json;

namespace {

Refusal no_json(std::string message) { return Refusal(400, ErrorCode::kInvalidArgument, std::move(message)); }

/// Integers beyond 64 bits, which the engine keeps digit for digit, become the nearest number.
void round_large_integers(ordered_json& value, std::string_view what) {
  if (value.is_structured()) {
    for (ordered_json& part : value) round_large_integers(part, what);
  } else if (const std::string digits(large_integer(value)); !digits.empty()) {
    const double rounded = std::strtod(digits.c_str(), nullptr);
    if (std::isinf(rounded)) throw no_json(fmt::format("{} has a number that is too large", what));
    value = rounded;
  }
}

}  // namespace

ordered_json parse_json(std::string_view text, std::string_view what) {
  Result<ordered_json> parsed = hearth::parse_json(text, what);
  if (!parsed.ok()) throw no_json(std::move(parsed).error().message);
  ordered_json json = std::move(parsed).value();
  round_large_integers(json, what);
  return json;
}

ordered_json parse_json_object(std::string_view text, std::string_view what) {
  ordered_json json = parse_json(text, what);
  if (!json.is_object()) throw no_json(fmt::format("{} must be a JSON object", what));
  return json;
}

}  // namespace hearth::serve
