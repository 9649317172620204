// JSON as it leaves the server, and as the engine is given it.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

namespace hearth::serve {

/// On one line; what is not UTF-8 becomes U+FFFD.
inline std::string json_text(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace hearth::serve
