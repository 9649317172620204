// What a template's operators do, as in Python: + - * / // % ** < == in, and reaching into values.
#pragma once

#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/text/jinja/interpreter/interpreter.h"
#include "engine/text/jinja/parser/ast.h"
#include "engine/text/jinja/value/value.h"

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

// Attributes, items, slices, iteration: access.cpp

/// object.name: a method first, then a key of a dict; the other way round where that is strict. Undefined
/// where there is neither; an error only where the object itself is undefined.
Result<Value> attribute_of(const Value& object, std::string_view name, Interpreter& interpreter);

/// object[key]: an item first, then a method. Undefined where there is neither.
Result<Value> item_of(const Value& object, const Value& key, Interpreter& interpreter);

/// object[start:stop:step] of a string, list or tuple, each bound an integer or none.
Result<Value> slice_of(const Value& object, const Value& start, const Value& stop, const Value& step,
                       Interpreter& interpreter);

/// dict[key] = value. Fails where the key cannot be hashed.
Result<void> set_item(Dict& dict, const Value& key, Value value, Interpreter& interpreter);

/// What a loop over the value visits: items, keys, characters; nothing where it is undefined.
Result<std::vector<Value>> items_of(const Value& value, Interpreter& interpreter);

/// The keyed value of a path such as "function.name" or 0, as attribute= of filters takes it. `otherwise`
/// stands for whatever is undefined on the way, unless it is undefined itself.
Result<Value> path_of(const Value& object, const Value& path, Interpreter& interpreter,
                      const Value& otherwise = {});

}  // namespace hearth::jinja
