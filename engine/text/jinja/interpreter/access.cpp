#include <fmt/format.h>

#include <algorithm>

#include "engine/base/nearest_name.h"
#include "engine/text/jinja/interpreter/builtin.h"
#include "engine/text/jinja/interpreter/operators.h"
#include "engine/text/jinja/value/characters.h"
#include "engine/text/jinja/value/value.h"

namespace hearth::jinja {
namespace {

/// What an object has no value for: undefined, but an error of an object that is undefined itself.
Result<Value> missing(const Value& object, std::string_view what, Interpreter& interpreter) {
  if (object.is_undefined()) return interpreter.fail_about(object, "");
  return Value(Undefined{Text(fmt::format("{} of {}", what, object.described()), Origin::kTemplate)});
}

/// The same of a name, which may be misspelt.
Result<Value> missing_name(const Value& object, std::string_view kind, std::string_view name,
                           Interpreter& interpreter) {
  HEARTH_ASSIGN(const Value value, missing(object, fmt::format("{} '{}'", kind, name), interpreter));
  if (!interpreter.is_strict() || object.dict() == nullptr) return value;
  interpreter.budget().spend(object.dict()->size());
  std::vector<std::string> names;
  for (const Dict::Entry& entry : object.dict()->entries()) {
    if (entry.key.text()) names.emplace_back(entry.key.text()->bytes());
  }
  return Value(Undefined{value.undefined()->description, Text(nearest_name(name, names), Origin::kTemplate)});
}

/// Python's negative indexes count from the end.
std::optional<size_t> resolve_index(int64_t index, size_t size) {
  const auto count = static_cast<int64_t>(size);
  if (index < 0) index += count;
  if (index < 0 || index >= count) return std::nullopt;
  return static_cast<size_t>(index);
}

Text character_at(const Text& text, size_t index, Budget& budget) {
  budget.spend_bytes(text.size());
  const size_t begin = text.offset_of(index);
  return slice(text, begin, begin + character_bytes(text.bytes()[begin]), budget).as_safe(text.is_safe());
}

std::optional<Value> bound_method(const Value& object, std::string_view name, Interpreter& interpreter) {
  const Builtin* method = find_method(object, name);
  if (method == nullptr) return std::nullopt;
  return Value(interpreter.heap().make<BoundBuiltin>(*method, object));
}

/// start, stop and step of a slice, resolved for a sequence of `size` items as Python does.
struct Slice {
  int64_t start;
  int64_t stop;
  int64_t step;
};

Result<std::optional<int64_t>> slice_bound(const Value& bound, Interpreter& interpreter) {
  if (bound.is_none()) return std::optional<int64_t>();
  if (!bound.is_integer()) {
    return interpreter.fail_about(bound, fmt::format("a slice takes integers, not {}", bound.described()));
  }
  if (!bound.integer()) return std::optional(bound.whole().is_negative() ? INT64_MIN : INT64_MAX);
  return bound.integer();
}

Result<Slice> resolve_slice(const Value& start, const Value& stop, const Value& step, size_t size,
                            Interpreter& interpreter) {
  HEARTH_ASSIGN(const std::optional<int64_t> first, slice_bound(start, interpreter));
  HEARTH_ASSIGN(const std::optional<int64_t> last, slice_bound(stop, interpreter));
  HEARTH_ASSIGN(const std::optional<int64_t> stride, slice_bound(step, interpreter));
  if (stride == 0) return interpreter.fail("a slice's step cannot be zero");
  const auto count = static_cast<int64_t>(size);
  Slice slice{0, 0, stride.value_or(1)};
  // Steps beyond the size reach one item as well, and keep start + step within 64 bits.
  slice.step = std::clamp(slice.step, -count - 1, count + 1);
  const bool forward = slice.step > 0;
  const int64_t low = forward ? 0 : -1;
  const int64_t high = forward ? count : count - 1;
  const auto resolve = [&](std::optional<int64_t> bound, int64_t otherwise) {
    if (!bound) return otherwise;
    return std::clamp(*bound < 0 ? std::max(*bound, -count - 1) + count : *bound, low, high);
  };
  slice.start = resolve(first, forward ? low : high);
  slice.stop = resolve(last, forward ? high : low);
  return slice;
}

template <typename Visit>
void each_index(const Slice& slice, Budget& budget, Visit visit) {
  for (int64_t i = slice.start; slice.step > 0 ? i < slice.stop : i > slice.stop; i += slice.step) {
    if (budget.exhausted()) return;
    budget.spend(1);
    visit(static_cast<size_t>(i));
  }
}

Text slice_text(const Text& text, const Slice& slice, Budget& budget) {
  budget.spend_bytes(text.size());
  if (slice.step == 1) {
    if (slice.start >= slice.stop) return {};
    return jinja::slice(text, text.offset_of(static_cast<size_t>(slice.start)),
                        text.offset_of(static_cast<size_t>(slice.stop)), budget);
  }
  std::vector<size_t> offsets;
  for (size_t offset = 0; offset < text.size(); offset += character_bytes(text.bytes()[offset])) {
    offsets.push_back(offset);
  }
  TextBuilder out(budget);
  each_index(slice, budget, [&](size_t i) {
    out.append(text, offsets[i], offsets[i] + character_bytes(text.bytes()[offsets[i]]));
  });
  return out.take();
}

}  // namespace

Result<Value> attribute_of(const Value& object, std::string_view name, Interpreter& interpreter) {
  const Value* key = object.dict() ? object.dict()->find(name) : nullptr;
  if (key != nullptr && interpreter.is_strict()) return *key;
  if (std::optional<Value> method = bound_method(object, name, interpreter)) return *std::move(method);
  if (key != nullptr) return *key;
  if (object.object()) {
    if (std::optional<Value> found = object.object()->attribute(name, interpreter)) return *std::move(found);
  }
  if (object.list()) {
    const auto& fields = object.list()->fields;
    const auto field = std::find(fields.begin(), fields.end(), name);
    if (field != fields.end()) return object.list()->items[static_cast<size_t>(field - fields.begin())];
  }
  return missing_name(object, "attribute", name, interpreter);
}

Result<Value> item_of(const Value& object, const Value& key, Interpreter& interpreter) {
  if (key.text()) interpreter.budget().spend_bytes(key.text()->size());
  if (object.dict()) {
    if (const Value* found = object.dict()->find(key)) return *found;
  }
  if (key.is_integer()) {
    const std::optional<int64_t> index = key.integer();
    const size_t size = object.list()   ? object.list()->items.size()
                        : object.text() ? object.text()->characters()
                                        : 0;
    if (const std::optional<size_t> place = index ? resolve_index(*index, size) : std::nullopt) {
      if (object.list()) return object.list()->items[*place];
      return Value(character_at(*object.text(), *place, interpreter.budget()));
    }
    return missing(object, fmt::format("item {}", integer_repr(key, interpreter.budget())), interpreter);
  }
  if (!key.text()) return missing(object, fmt::format("{} as a key", key.described()), interpreter);
  const std::string_view name = key.text()->bytes();
  if (object.object()) {
    if (std::optional<Value> found = object.object()->attribute(name, interpreter)) return *std::move(found);
  }
  if (std::optional<Value> method = bound_method(object, name, interpreter)) return *std::move(method);
  return missing_name(object, "item", name, interpreter);
}

Result<Value> slice_of(const Value& object, const Value& start, const Value& stop, const Value& step,
                       Interpreter& interpreter) {
  if (!object.text() && !object.list()) {
    return interpreter.fail_about(object, fmt::format("{} cannot be sliced", object.described()));
  }
  Budget& budget = interpreter.budget();
  const size_t size = object.text() ? object.text()->characters() : object.list()->items.size();
  HEARTH_ASSIGN(const Slice slice, resolve_slice(start, stop, step, size, interpreter));
  if (object.text()) {
    return Value(slice_text(*object.text(), slice, budget).as_safe(object.text()->is_safe()));
  }
  std::vector<Value> chosen;
  each_index(slice, budget, [&](size_t i) { chosen.push_back(object.list()->items[i]); });
  return Value(interpreter.heap().make<List>(std::move(chosen), object.list()->is_tuple));
}

Result<void> set_item(Dict& dict, const Value& key, Value value, Interpreter& interpreter) {
  if (!is_hashable(key)) {
    return interpreter.fail(fmt::format("{} cannot be the key of a dict", key.described()));
  }
  // An entry takes about 200 bytes in the list and in the tree.
  interpreter.budget().spend(6);
  if (key.text()) interpreter.budget().spend_bytes(key.text()->size());
  dict.set(key, std::move(value));
  return {};
}

Result<std::vector<Value>> items_of(const Value& value, Interpreter& interpreter) {
  Budget& budget = interpreter.budget();
  std::vector<Value> items;
  if (value.list()) {
    budget.spend(value.list()->items.size());
    if (!budget.exhausted()) items = value.list()->items;
  } else if (value.dict()) {
    budget.spend(value.dict()->size());
    for (const Dict::Entry& entry : value.dict()->entries()) items.push_back(entry.key);
  } else if (value.text()) {
    const Text& text = *value.text();
    for (size_t offset = 0; offset < text.size() && !budget.exhausted();) {
      const size_t end = offset + character_bytes(text.bytes()[offset]);
      items.emplace_back(slice(text, offset, end, budget));
      offset = end;
    }
  } else if (!value.is_undefined()) {
    return interpreter.fail(fmt::format("{} has no items to go through", value.described()));
  }
  return items;
}

Result<Value> path_of(const Value& object, const Value& path, Interpreter& interpreter,
                      const Value& otherwise) {
  if (path.is_none()) return object;
  if (!path.text()) {
    HEARTH_ASSIGN(Value item, item_of(object, path, interpreter));
    return item.is_undefined() && !otherwise.is_undefined() ? otherwise : item;
  }
  Value value = object;
  std::string_view rest = path.text()->bytes();
  while (true) {
    const size_t dot = rest.find('.');
    const std::string_view name = rest.substr(0, dot);
    const std::optional<BigInteger> index = BigInteger::parse_index(name);
    const Value key = index ? Value::integer(*index) : Value::text(name);
    HEARTH_ASSIGN(value, item_of(value, key, interpreter));
    if (value.is_undefined() && !otherwise.is_undefined()) value = otherwise;
    if (dot == std::string_view::npos) return value;
    rest.remove_prefix(dot + 1);
  }
}

}  // namespace hearth::jinja
