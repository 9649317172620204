// Values as Python writes them: str() and repr().
#pragma once

#include <string>

#include "engine/base/result.h"
#include "engine/text/jinja/value.h"

namespace hearth::jinja {

class Interpreter;

/// str(value): text as it is, None, True, 1.0, [1, 'a'], {'k': None}.
void print(const Value& value, TextBuilder& out);
Text to_text(const Value& value, Budget& budget);

/// repr(value): as print, but text in quotes and escaped.
void print_repr(const Value& value, TextBuilder& out);
Text repr_of(const Value& value, Budget& budget);
/// ascii(value): repr, with everything beyond ASCII escaped.
Text ascii_repr_of(const Value& value, Budget& budget);

/// The digits of an integer of any size.
std::string integer_repr(const Value& value, Budget& budget);

/// repr of a float: the shortest digits that read back as the same number, and always a point, an exponent,
/// inf or nan.
std::string real_repr(double value);

/// pprint.pformat(value): over several lines, in 80 columns, with the keys of dicts in order.
Result<Text> pretty_print(const Value& value, Interpreter& interpreter);

}  // namespace hearth::jinja
