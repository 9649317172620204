// What + - * / // % ** - + < == in and ~ do, as in Python.
#pragma once

#include "engine/base/result.h"
#include "engine/text/jinja/ast.h"
#include "engine/text/jinja/interpreter.h"
#include "engine/text/jinja/value.h"

namespace hearth::jinja {

/// Requires an arithmetic operator (neither `and` nor `or`).
Result<Value> apply_binary(BinaryOperator op, const Value& left, const Value& right,
                           Interpreter& interpreter);
/// The same for two numbers.
Result<Value> apply_to_numbers(BinaryOperator op, const Value& left, const Value& right,
                               Interpreter& interpreter);
/// Requires a number. Fails for an integer beyond all floats.
Result<double> real_of(const Value& number, Interpreter& interpreter);
/// Requires minus or plus.
Result<Value> apply_sign(UnaryOperator op, const Value& operand, Interpreter& interpreter);
Result<bool> apply_comparison(ComparisonOperator op, const Value& left, const Value& right,
                              Interpreter& interpreter);
/// `value in container`
Result<bool> is_in(const Value& value, const Value& container, Interpreter& interpreter);

}  // namespace hearth::jinja
