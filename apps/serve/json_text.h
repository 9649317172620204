// JSON as it reaches the server, leaves it, and as the engine is given it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace hearth::serve {

/// On one line; what is not UTF-8 becomes U+FFFD.
inline std::string json_text(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

/// Of bounded depth, in a time that grows with the length of the text alone, or a Refusal that calls it
/// `what`: "the body".
nlohmann::ordered_json parse_json(std::string_view text, std::string_view what);
/// The same, which must be an object.
nlohmann::ordered_json parse_json_object(std::string_view text, std::string_view what);

}  // namespace hearth::serve
