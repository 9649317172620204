// Python's '{} and {name:>8}'.format(values...).
#pragma once

#include "engine/base/result.h"
#include "engine/text/jinja/interpreter.h"

namespace hearth::jinja {

Result<Value> str_format(const Text& format, const Arguments& values, Interpreter& interpreter);

}  // namespace hearth::jinja
