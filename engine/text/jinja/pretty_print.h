// Values over several lines, as Python's pprint writes them.
#pragma once

#include "engine/text/jinja/interpreter.h"

namespace hearth::jinja {

/// In 80 columns, with the keys of dicts in order.
Result<Text> pretty_print(const Value& value, Interpreter& interpreter);

}  // namespace hearth::jinja
