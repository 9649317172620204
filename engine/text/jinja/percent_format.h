// Python's '%s and %d' % values.
#pragma once

#include "engine/base/result.h"
#include "engine/text/jinja/interpreter.h"

namespace hearth::jinja {

/// `values` is a tuple, a dict (for %(name)s) or a single value.
Result<Value> percent_format(const Text& format, const Value& values, Interpreter& interpreter);

}  // namespace hearth::jinja
