// Python's str.format and str.format_map: "{} {name[0]!r:>{width}}".
#pragma once

#include "engine/text/jinja/interpreter.h"

namespace hearth::jinja {

struct FormatValues {
  const std::vector<Value>& positional;
  const Dict& named;
};

/// Of safe text, the values are escaped and the result is safe.
Result<Value> str_format(const Text& format, const FormatValues& values, Interpreter& interpreter);

}  // namespace hearth::jinja
