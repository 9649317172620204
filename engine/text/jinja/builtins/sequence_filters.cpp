// Filters of whole sequences: length, first, join, batch, ...; and those that choose or map items by another
// filter, a test or an attribute: select, reject, map, default, ...
#include <fmt/format.h>

#include <algorithm>

#include "engine/text/jinja/interpreter/builtin.h"
#include "engine/text/jinja/interpreter/operators.h"
#include "engine/text/jinja/value/value.h"

namespace hearth::jinja {
namespace {

Result<Value> length(BuiltinCall& call) {
  const Value& subject = call.subject;
  if (subject.text()) return Value::integer(static_cast<int64_t>(subject.text()->characters()));
  if (subject.list()) return Value::integer(static_cast<int64_t>(subject.list()->items.size()));
  if (subject.dict()) return Value::integer(static_cast<int64_t>(subject.dict()->size()));
  if (subject.is_undefined()) return Value::integer(0);
  return call.fail(fmt::format("{} has no length", subject.described()));
}

Result<Value> first(BuiltinCall& call) {
  if (call.subject.list() && !call.subject.list()->items.empty()) return call.subject.list()->items.front();
  HEARTH_ASSIGN(const std::vector<Value> items, items_of(call.subject, call.interpreter));
  if (items.empty()) return Value(Undefined{Text("the first item of nothing", Origin::kTemplate)});
  return items.front();
}

Result<Value> last(BuiltinCall& call) {
  if (call.subject.list() && !call.subject.list()->items.empty()) return call.subject.list()->items.back();
  HEARTH_ASSIGN(const std::vector<Value> items, items_of(call.subject, call.interpreter));
  if (items.empty()) return Value(Undefined{Text("the last item of nothing", Origin::kTemplate)});
  if (call.subject.text()) return Value(items.back().text()->as_safe(call.subject.text()->is_safe()));
  return items.back();
}

Result<Value> list_filter(BuiltinCall& call) {
  HEARTH_ASSIGN(std::vector<Value> items, items_of(call.subject, call.interpreter));
  return Value(call.heap().list(std::move(items)));
}

Result<Value> reverse_filter(BuiltinCall& call) {
  HEARTH_ASSIGN(std::vector<Value> items, items_of(call.subject, call.interpreter));
  std::reverse(items.begin(), items.end());
  if (!call.subject.text()) return Value(call.heap().list(std::move(items)));
  TextBuilder out(call.budget());
  for (const Value& item : items) print(item, out);
  return Value(out.take().as_safe(call.subject.text()->is_safe()));
}

bool is_safe(const Value& value) { return value.text() && value.text()->is_safe(); }

/// Where text is escaped as it is written, safe text among the parts or a safe separator has all of them
/// escaped.
Result<Value> join_filter(BuiltinCall& call) {
  Budget& budget = call.budget();
  HEARTH_ASSIGN(std::vector<Value> items, items_of(call.subject, call.interpreter));
  if (call.has(1)) {
    for (Value& item : items) {
      HEARTH_ASSIGN(item, path_of(item, call.arguments[1], call.interpreter));
      if (budget.exhausted()) return call.interpreter.limit_error();
    }
  }
  const bool escapes = call.interpreter.autoescape() &&
                       (is_safe(call.arguments[0]) || std::any_of(items.begin(), items.end(), is_safe));
  const auto text_of = [&](const Value& value) {
    return escapes ? to_safe_text(value, budget) : to_text(value, budget);
  };
  const Text separator = call.has(0) ? text_of(call.arguments[0]) : Text();
  TextBuilder out(budget);
  for (size_t i = 0; i < items.size() && !budget.exhausted(); ++i) {
    if (i > 0) out.append(separator);
    out.append(text_of(items[i]));
  }
  return Value(out.take().as_safe(escapes));
}

/// The key and value pairs of a dict.
Result<Value> items_filter(BuiltinCall& call) {
  if (call.subject.is_undefined()) return Value(call.heap().list({}));
  if (!call.subject.dict())
    return call.fail(fmt::format("items needs a dict, not {}", call.subject.described()));
  return call_builtin(*find_method(call.subject, "items"), call.subject, {}, call.interpreter);
}

Result<Value> sum(BuiltinCall& call) {
  HEARTH_ASSIGN(const std::vector<Value> items, items_of(call.subject, call.interpreter));
  Value total = call.has(1) ? call.arguments[1] : Value::integer(0);
  if (total.text()) return call.fail("sum adds no strings; use the join filter");
  for (const Value& item : items) {
    Value term = item;
    if (call.has(0)) {
      HEARTH_ASSIGN(term, path_of(item, call.arguments[0], call.interpreter));
    }
    HEARTH_ASSIGN(total, apply_binary(BinaryOperator::kAdd, total, term, call.interpreter));
    if (call.budget().exhausted()) return call.interpreter.limit_error();
  }
  return total;
}

/// Rows of `linecount` items; the last one filled up with `fill_with` if that is given.
Result<Value> batch(BuiltinCall& call) {
  HEARTH_ASSIGN(const int64_t count, call.integer(0, 1));
  if (count < 1) return call.fail("batch needs a positive number of items");
  HEARTH_ASSIGN(const std::vector<Value> items, items_of(call.subject, call.interpreter));
  const bool fills = call.has(1) && !call.arguments[1].is_none();
  List* rows = call.heap().list({});
  const auto row_size = static_cast<size_t>(count);
  for (size_t begin = 0; begin < items.size(); begin += std::min(row_size, items.size() - begin)) {
    const size_t end = begin + std::min(row_size, items.size() - begin);
    std::vector<Value> row(items.begin() + static_cast<std::ptrdiff_t>(begin),
                           items.begin() + static_cast<std::ptrdiff_t>(end));
    while (fills && row.size() < row_size && !call.budget().exhausted()) {
      call.budget().spend(1);
      row.push_back(call.arguments[1]);
    }
    rows->items.emplace_back(call.heap().list(std::move(row)));
  }
  return Value(rows);
}

/// `slices` columns of as even a length as can be; the shorter ones filled up with `fill_with`.
Result<Value> slice_filter(BuiltinCall& call) {
  HEARTH_ASSIGN(const int64_t count, call.integer(0, 1));
  if (count < 1) return call.fail("slice needs a positive number of slices");
  HEARTH_ASSIGN(const std::vector<Value> items, items_of(call.subject, call.interpreter));
  const bool fills = call.has(1) && !call.arguments[1].is_none();
  List* slices = call.heap().list({});
  const auto columns = static_cast<size_t>(count);
  const size_t short_length = items.size() / columns;
  const size_t longer = items.size() % columns;
  size_t begin = 0;
  for (size_t i = 0; i < columns && !call.budget().exhausted(); ++i) {
    const size_t length = short_length + (i < longer ? 1 : 0);
    std::vector<Value> column(items.begin() + static_cast<std::ptrdiff_t>(begin),
                              items.begin() + static_cast<std::ptrdiff_t>(begin + length));
    begin += length;
    if (fills && i >= longer) column.push_back(call.arguments[1]);
    slices->items.emplace_back(call.heap().list(std::move(column)));
  }
  return Value(slices);
}

/// Takes the first positional argument, a name, off the arguments.
Result<Text> take_name(BuiltinCall& call, std::string_view what) {
  std::vector<Value>& positional = call.rest.positional;
  if (positional.empty() || !positional.front().text()) return call.fail(what);
  Text name = *positional.front().text();
  positional.erase(positional.begin());
  return name;
}

/// What these filters go through: anything false, such as none, counts as empty.
Result<std::vector<Value>> items_of_subject(BuiltinCall& call) {
  if (!call.subject.truthy()) return std::vector<Value>();
  return items_of(call.subject, call.interpreter);
}

/// The items for which the test that the arguments name holds (or their truth, where they name none) equals
/// `wanted`. With `by_attribute`, the first argument says what of each item is tested.
Result<Value> choose(BuiltinCall& call, bool by_attribute, bool wanted) {
  Value path;
  if (by_attribute) {
    if (call.rest.positional.empty()) return call.fail("selectattr and rejectattr need an attribute's name");
    path = call.rest.positional.front();
    call.rest.positional.erase(call.rest.positional.begin());
  }
  Text test;
  if (!call.rest.positional.empty()) {
    HEARTH_ASSIGN(test, take_name(call, "select and reject take the name of a test as a string"));
  }
  HEARTH_ASSIGN(const std::vector<Value> items, items_of_subject(call));
  List* chosen = call.heap().list({});
  for (const Value& item : items) {
    Value tested = item;
    if (by_attribute) {
      HEARTH_ASSIGN(tested, path_of(item, path, call.interpreter));
    }
    bool holds = tested.truthy();
    if (!test.empty()) {
      HEARTH_ASSIGN(holds, call.interpreter.apply_test(test.bytes(), tested, call.rest));
    }
    call.budget().spend(1);
    if (call.budget().exhausted()) return call.interpreter.limit_error();
    if (holds == wanted) chosen->items.push_back(item);
  }
  return Value(chosen);
}

Result<Value> select(BuiltinCall& call) { return choose(call, false, true); }
Result<Value> reject(BuiltinCall& call) { return choose(call, false, false); }
Result<Value> selectattr(BuiltinCall& call) { return choose(call, true, true); }
Result<Value> rejectattr(BuiltinCall& call) { return choose(call, true, false); }

/// map(attribute=path, default=value) or map('filter', arguments...).
Result<Value> map(BuiltinCall& call) {
  const bool by_attribute = call.rest.positional.empty() && !call.rest.named.empty();
  Value path;
  Value otherwise;
  Text filter;
  if (by_attribute) {
    for (const auto& [name, value] : call.rest.named) {
      if (name != "attribute" && name != "default") return call.fail("map knows attribute= and default=");
      (name == "attribute" ? path : otherwise) = value;
    }
  } else {
    HEARTH_ASSIGN(filter, take_name(call, "map takes the name of a filter, or attribute="));
  }
  HEARTH_ASSIGN(const std::vector<Value> items, items_of_subject(call));
  List* mapped = call.heap().list({});
  for (const Value& item : items) {
    Value value;
    if (by_attribute) {
      HEARTH_ASSIGN(value, path_of(item, path, call.interpreter));
      if (value.is_undefined()) value = otherwise;
    } else {
      HEARTH_ASSIGN(value, call.interpreter.apply_filter(filter.bytes(), item, call.rest));
    }
    call.budget().spend(1);
    if (call.budget().exhausted()) return call.interpreter.limit_error();
    mapped->items.push_back(std::move(value));
  }
  return Value(mapped);
}

Result<Value> default_filter(BuiltinCall& call) {
  const bool replaces = call.subject.is_undefined() || (call.flag(1, false) && !call.subject.truthy());
  if (!replaces) return call.subject;
  return call.has(0) ? call.arguments[0] : Value(Text());
}

/// The attribute or method, but never the item, of that name.
Result<Value> attr(BuiltinCall& call) {
  HEARTH_ASSIGN(const Text name, call.text(0, ""));
  if (call.subject.dict() && !find_method(call.subject, name.bytes())) {
    return Value(Undefined{Text("an attribute of a dict", Origin::kTemplate)});
  }
  return attribute_of(call.subject, name.bytes(), call.interpreter);
}

constexpr Builtin kSequenceFilters[] = {
    {"length", length},
    {"count", length},
    {"first", first},
    {"last", last},
    {"list", list_filter},
    {"reverse", reverse_filter},
    {"join", join_filter, 0, {"d", "attribute"}},
    {"items", items_filter},
    {"sum", sum, 0, {"attribute", "start"}},
    {"batch", batch, 1, {"linecount", "fill_with"}},
    {"slice", slice_filter, 1, {"slices", "fill_with"}},
    {"select", select, 0, {}, true},
    {"reject", reject, 0, {}, true},
    {"selectattr", selectattr, 0, {}, true},
    {"rejectattr", rejectattr, 0, {}, true},
    {"map", map, 0, {}, true},
    {"default", default_filter, 0, {"default_value", "boolean"}},
    {"d", default_filter, 0, {"default_value", "boolean"}},
    {"attr", attr, 1, {"name"}},
};

}  // namespace

std::span<const Builtin> sequence_filters() { return kSequenceFilters; }

}  // namespace hearth::jinja
