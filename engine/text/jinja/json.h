// JSON in and out of the interpreter.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "engine/base/result.h"
#include "engine/text/jinja/interpreter.h"
#include "engine/text/jinja/value.h"

namespace hearth::jinja {

/// All strings within become text of that origin; integers beyond 64 bits are those of json_text.h.
Result<Value> from_json(const nlohmann::ordered_json& json, Origin origin, Interpreter& interpreter);

/// The value that a JSON text stands for. Fails where it is no JSON.
Result<Value> parse_json(std::string_view json, Origin origin, Interpreter& interpreter);

struct JsonStyle {
  bool ensure_ascii = false;
  bool sort_keys = false;
  bool is_indented = false;
  Text indent;  // of one level
  Text item_separator{", ", Origin::kTemplate};
  Text key_separator{": ", Origin::kTemplate};
};

/// As Python's json.dumps writes it.
Result<Text> to_json(const Value& value, const JsonStyle& style, Interpreter& interpreter);

}  // namespace hearth::jinja
