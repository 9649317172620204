// Filters that choose or map items by another filter, a test or an attribute: select, reject, map, default,
// ...
#include <algorithm>

#include "engine/text/jinja/access.h"
#include "engine/text/jinja/builtin.h"

namespace hearth::jinja {
namespace {

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

constexpr Builtin kFilters[] = {
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

std::span<const Builtin> selection_filters() { return kFilters; }

}  // namespace hearth::jinja
