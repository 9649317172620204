#include "apps/serve/json_text.h"

#include <fmt/format.h>

#include "apps/serve/refusal.h"

namespace hearth::serve {

using nlohmann::ordered_json;

namespace {

/// No client nests deeper, and what reads it further recurses.
constexpr int kMostDepth = 128;

Refusal no_json(std::string message) { return Refusal(400, ErrorCode::kInvalidArgument, std::move(message)); }

}  // namespace

ordered_json parse_json(std::string_view text, std::string_view what) {
  const auto bounded = [what](int depth, ordered_json::parse_event_t event, ordered_json& /*parsed*/) {
    const bool opens = event == ordered_json::parse_event_t::object_start ||
                       event == ordered_json::parse_event_t::array_start;
    if (opens && depth >= kMostDepth)
      throw no_json(fmt::format("{} is nested deeper than {} levels", what, kMostDepth));
    return true;
  };
  try {
    return ordered_json::parse(text, bounded);
  } catch (const ordered_json::parse_error& fault) {
    throw no_json(fmt::format("{} is no JSON: {} (byte {})", what, fault.what(), fault.byte));
  } catch (const ordered_json::out_of_range& fault) {
    throw no_json(fmt::format("{} has a number that is too large: {}", what, fault.what()));
  }
}

ordered_json parse_json_object(std::string_view text, std::string_view what) {
  ordered_json json = parse_json(text, what);
  if (!json.is_object()) throw no_json(fmt::format("{} must be a JSON object", what));
  return json;
}

}  // namespace hearth::serve
