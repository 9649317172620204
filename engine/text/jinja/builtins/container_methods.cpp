// Methods of lists, tuples and dicts, as in Python. Tuples have only those that change nothing.
#include <fmt/format.h>

#include <algorithm>

#include "engine/text/jinja/interpreter/builtin.h"
#include "engine/text/jinja/interpreter/operators.h"
#include "engine/text/jinja/value/value.h"

namespace hearth::jinja {
namespace {

std::vector<Value>& own_items(BuiltinCall& call) { return call.subject.list()->items; }

Result<void> require_list(const BuiltinCall& call) {
  if (!call.subject.list()->is_tuple) return {};
  return call.fail(fmt::format("{} cannot change a tuple; make a list of it", call.builtin.name));
}

Result<Value> append_item(BuiltinCall& call) {
  HEARTH_TRY(require_list(call));
  own_items(call).push_back(call.arguments[0]);
  return Value(None());
}

Result<Value> extend(BuiltinCall& call) {
  HEARTH_TRY(require_list(call));
  HEARTH_ASSIGN(const std::vector<Value> more, items_of(call.arguments[0], call.interpreter));
  own_items(call).insert(own_items(call).end(), more.begin(), more.end());
  return Value(None());
}

/// An index clamped to the list, as insert and slices take it.
size_t clamped(int64_t index, size_t size) {
  const auto count = static_cast<int64_t>(size);
  if (index < 0) index = std::max<int64_t>(index, -count) + count;
  return static_cast<size_t>(std::min(index, count));
}

Result<Value> insert(BuiltinCall& call) {
  HEARTH_TRY(require_list(call));
  HEARTH_ASSIGN(const int64_t index, call.integer(0, 0));
  call.budget().spend(own_items(call).size() / 8);
  const size_t place = clamped(index, own_items(call).size());
  own_items(call).insert(own_items(call).begin() + static_cast<std::ptrdiff_t>(place), call.arguments[1]);
  return Value(None());
}

Result<Value> pop(BuiltinCall& call) {
  HEARTH_TRY(require_list(call));
  HEARTH_ASSIGN(int64_t index, call.integer(0, -1));
  std::vector<Value>& items = own_items(call);
  const auto count = static_cast<int64_t>(items.size());
  if (index < 0 && index >= -count) index += count;
  if (index < 0 || index >= count)
    return call.fail(fmt::format("pop: a list of {} has no item {}", count, index));
  call.budget().spend(static_cast<uint64_t>(count - index) / 8);
  Value popped = items[static_cast<size_t>(index)];
  items.erase(items.begin() + static_cast<std::ptrdiff_t>(index));
  return popped;
}

/// The first item that equals the argument, from the place `begin` to `end`.
Result<size_t> place_of(BuiltinCall& call, int64_t begin = 0, int64_t end = INT64_MAX) {
  const std::vector<Value>& items = own_items(call);
  const auto first = items.begin() + static_cast<std::ptrdiff_t>(clamped(begin, items.size()));
  const auto last = items.begin() + static_cast<std::ptrdiff_t>(clamped(end, items.size()));
  const auto found = std::find_if(first, std::max(first, last), [&](const Value& item) {
    return equals(item, call.arguments[0], call.budget());
  });
  if (found == std::max(first, last))
    return call.fail(fmt::format("{} finds no such item in the list", call.builtin.name));
  return static_cast<size_t>(found - items.begin());
}

Result<Value> remove(BuiltinCall& call) {
  HEARTH_TRY(require_list(call));
  HEARTH_ASSIGN(const size_t place, place_of(call));
  own_items(call).erase(own_items(call).begin() + static_cast<std::ptrdiff_t>(place));
  return Value(None());
}

Result<Value> index(BuiltinCall& call) {
  HEARTH_ASSIGN(const int64_t begin, call.integer(1, 0));
  HEARTH_ASSIGN(const int64_t end, call.integer(2, INT64_MAX));
  HEARTH_ASSIGN(const size_t place, place_of(call, begin, end));
  return Value::integer(static_cast<int64_t>(place));
}

Result<Value> count_item(BuiltinCall& call) {
  return Value::integer(std::count_if(own_items(call).begin(), own_items(call).end(), [&](const Value& item) {
    return equals(item, call.arguments[0], call.budget());
  }));
}

Result<Value> reverse_list(BuiltinCall& call) {
  HEARTH_TRY(require_list(call));
  call.budget().spend(own_items(call).size());
  std::reverse(own_items(call).begin(), own_items(call).end());
  return Value(None());
}

Result<Value> sort_list(BuiltinCall& call) {
  HEARTH_TRY(require_list(call));
  // Case-sensitive, unlike the filter.
  Arguments arguments{{call.has(0) ? call.arguments[0] : Value::boolean(false), Value::boolean(true)}, {}};
  HEARTH_ASSIGN(const Value sorted,
                call.interpreter.apply_filter("sort", call.subject, std::move(arguments)));
  own_items(call) = sorted.list()->items;
  return Value(None());
}

Result<Value> copy_list(BuiltinCall& call) {
  HEARTH_TRY(require_list(call));
  HEARTH_ASSIGN(std::vector<Value> items, items_of(call.subject, call.interpreter));
  return Value(call.heap().list(std::move(items)));
}

Result<Value> clear_list(BuiltinCall& call) {
  HEARTH_TRY(require_list(call));
  own_items(call).clear();
  return Value(None());
}

constexpr Builtin kListMethods[] = {
    {"append", append_item, 1, {"item"}},
    {"extend", extend, 1, {"items"}},
    {"insert", insert, 2, {"index", "item"}},
    {"pop", pop, 0, {"index"}},
    {"remove", remove, 1, {"item"}},
    {"index", index, 1, {"item", "start", "stop"}},
    {"count", count_item, 1, {"item"}},
    {"reverse", reverse_list},
    {"sort", sort_list, 0, {"reverse"}},
    {"copy", copy_list},
    {"clear", clear_list},
};

Dict& dict_of(const BuiltinCall& call) { return *call.subject.dict(); }

const Value* find_key(const BuiltinCall& call) {
  if (const Text* key = call.arguments[0].text()) call.budget().spend_bytes(key->size());
  return dict_of(call).find(call.arguments[0]);
}

Result<Value> get(BuiltinCall& call) {
  if (const Value* found = find_key(call)) return *found;
  return call.has(1) ? call.arguments[1] : Value(None());
}

template <Value (*choose)(const Dict::Entry&, Heap&)>
Result<Value> list_of_entries(BuiltinCall& call) {
  std::vector<Value> items;
  for (const Dict::Entry& entry : dict_of(call).entries()) {
    if (call.budget().exhausted()) break;
    items.push_back(choose(entry, call.heap()));
  }
  return Value(call.heap().list(std::move(items)));
}

Value key_of(const Dict::Entry& entry, Heap&) { return entry.key; }
Value value_of(const Dict::Entry& entry, Heap&) { return entry.value; }
Value pair_of(const Dict::Entry& entry, Heap& heap) { return heap.tuple({entry.key, entry.value}); }

Result<Value> pop_key(BuiltinCall& call) {
  if (const Value* found = find_key(call)) {
    Value popped = *found;
    dict_of(call).erase(call.arguments[0]);
    return popped;
  }
  if (call.has(1)) return call.arguments[1];
  return call.fail(
      fmt::format("pop: the dict has no key {}", to_text(call.arguments[0], call.budget()).bytes()));
}

Result<Value> popitem(BuiltinCall& call) {
  if (dict_of(call).size() == 0) return call.fail("popitem: the dict is empty");
  const Dict::Entry last = dict_of(call).entries().back();
  dict_of(call).erase(last.key);
  return Value(call.heap().tuple({last.key, last.value}));
}

Result<Value> setdefault(BuiltinCall& call) {
  if (const Value* found = find_key(call)) return *found;
  const Value value = call.has(1) ? call.arguments[1] : Value(None());
  HEARTH_TRY(set_item(dict_of(call), call.arguments[0], value, call.interpreter));
  return value;
}

/// Entries of another dict or a list of pairs, then the named arguments.
Result<Value> update(BuiltinCall& call) {
  Arguments source{{call.arguments[0]}, std::move(call.rest.named)};
  HEARTH_ASSIGN(const Value more,
                call_builtin(*find_global("dict"), Value(), std::move(source), call.interpreter));
  for (const Dict::Entry& entry : more.dict()->entries()) {
    HEARTH_TRY(set_item(dict_of(call), entry.key, entry.value, call.interpreter));
  }
  return Value(None());
}

Result<Value> copy_dict(BuiltinCall& call) {
  return call_builtin(*find_global("dict"), Value(), {{call.subject}, {}}, call.interpreter);
}

Result<Value> clear_dict(BuiltinCall& call) {
  dict_of(call).clear();
  return Value(None());
}

/// A new dict of these keys, all with that value.
Result<Value> fromkeys(BuiltinCall& call) {
  HEARTH_ASSIGN(const std::vector<Value> keys, items_of(call.arguments[0], call.interpreter));
  Dict* made = call.heap().make<Dict>();
  for (const Value& key : keys) {
    HEARTH_TRY(set_item(*made, key, call.has(1) ? call.arguments[1] : Value(None()), call.interpreter));
  }
  return Value(made);
}

constexpr Builtin kDictMethods[] = {
    {"get", get, 1, {"key", "default"}},
    {"keys", list_of_entries<key_of>},
    {"values", list_of_entries<value_of>},
    {"items", list_of_entries<pair_of>},
    {"pop", pop_key, 1, {"key", "default"}},
    {"popitem", popitem},
    {"setdefault", setdefault, 1, {"key", "default"}},
    {"update", update, 0, {"other"}, true},
    {"copy", copy_dict},
    {"fromkeys", fromkeys, 1, {"iterable", "value"}},
    {"clear", clear_dict},
};

}  // namespace

std::span<const Builtin> list_methods() { return kListMethods; }

std::span<const Builtin> dict_methods() { return kDictMethods; }

}  // namespace hearth::jinja
