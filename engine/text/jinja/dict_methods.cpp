// Methods of dicts, as in Python.
#include <fmt/format.h>

#include "engine/text/jinja/access.h"
#include "engine/text/jinja/builtin.h"
#include "engine/text/jinja/print.h"

namespace hearth::jinja {
namespace {

Dict& self(const BuiltinCall& call) { return *call.subject.dict(); }

const Value* find_key(const BuiltinCall& call) {
  if (const Text* key = call.arguments[0].text()) call.budget().spend_bytes(key->size());
  return self(call).find(call.arguments[0]);
}

Result<Value> get(BuiltinCall& call) {
  if (const Value* found = find_key(call)) return *found;
  return call.has(1) ? call.arguments[1] : Value(None());
}

template <Value (*choose)(const Dict::Entry&, Heap&)>
Result<Value> list_of(BuiltinCall& call) {
  std::vector<Value> items;
  for (const Dict::Entry& entry : self(call).entries()) {
    if (call.budget().exhausted()) break;
    items.push_back(choose(entry, call.heap()));
  }
  return Value(call.heap().list(std::move(items)));
}

Value key_of(const Dict::Entry& entry, Heap&) { return entry.key; }
Value value_of(const Dict::Entry& entry, Heap&) { return entry.value; }
Value pair_of(const Dict::Entry& entry, Heap& heap) { return heap.tuple({entry.key, entry.value}); }

Result<Value> pop(BuiltinCall& call) {
  if (const Value* found = find_key(call)) {
    Value popped = *found;
    self(call).erase(call.arguments[0]);
    return popped;
  }
  if (call.has(1)) return call.arguments[1];
  return call.fail(
      fmt::format("pop: the dict has no key {}", to_text(call.arguments[0], call.budget()).bytes()));
}

Result<Value> popitem(BuiltinCall& call) {
  if (self(call).size() == 0) return call.fail("popitem: the dict is empty");
  const Dict::Entry last = self(call).entries().back();
  self(call).erase(last.key);
  return Value(call.heap().tuple({last.key, last.value}));
}

Result<Value> setdefault(BuiltinCall& call) {
  if (const Value* found = find_key(call)) return *found;
  const Value value = call.has(1) ? call.arguments[1] : Value(None());
  HEARTH_TRY(set_item(self(call), call.arguments[0], value, call.interpreter));
  return value;
}

/// Entries of another dict or a list of pairs, then the named arguments.
Result<Value> update(BuiltinCall& call) {
  Arguments source{{call.arguments[0]}, std::move(call.rest.named)};
  HEARTH_ASSIGN(const Value more,
                call_builtin(*find_global("dict"), Value(), std::move(source), call.interpreter));
  for (const Dict::Entry& entry : more.dict()->entries()) {
    HEARTH_TRY(set_item(self(call), entry.key, entry.value, call.interpreter));
  }
  return Value(None());
}

Result<Value> copy(BuiltinCall& call) {
  return call_builtin(*find_global("dict"), Value(), {{call.subject}, {}}, call.interpreter);
}

Result<Value> clear(BuiltinCall& call) {
  self(call).clear();
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

constexpr Builtin kMethods[] = {
    {"get", get, 1, {"key", "default"}},
    {"keys", list_of<key_of>},
    {"values", list_of<value_of>},
    {"items", list_of<pair_of>},
    {"pop", pop, 1, {"key", "default"}},
    {"popitem", popitem},
    {"setdefault", setdefault, 1, {"key", "default"}},
    {"update", update, 0, {"other"}, true},
    {"copy", copy},
    {"fromkeys", fromkeys, 1, {"iterable", "value"}},
    {"clear", clear},
};

}  // namespace

std::span<const Builtin> dict_methods() { return kMethods; }

}  // namespace hearth::jinja
