// JSON that users and callers write: conversations, tools, variables of templates.
//
// nlohmann's values round integers beyond 64 bits, which templates write digit for digit, as Python does.
// Here such an integer stands as a binary value, which no JSON has: its digits.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace hearth {

/// What a text says as JSON; a byte-order mark is passed over. INVALID_ARGUMENT with `name`, line and column
/// where it is no JSON, or where lists and objects are nested more than 200 deep, which no template reads.
Result<nlohmann::ordered_json> parse_json(std::string_view text, std::string_view name);

/// The text of a value, on one line, or with `indent` on lines that are indented by so many blanks for each
/// list or object around them. Bytes that are not UTF-8 become U+FFFD.
std::string write_json(const nlohmann::ordered_json& json, int indent = -1);

/// The value of an integer beyond 64 bits, by its digits.
nlohmann::ordered_json json_integer(std::string_view digits);

/// The digits of an integer beyond 64 bits, with a minus where it is negative; empty for any other value.
std::string_view large_integer(const nlohmann::ordered_json& json);

/// What error messages call a value: "number", "string", ...
std::string_view json_type(const nlohmann::ordered_json& json);

}  // namespace hearth
