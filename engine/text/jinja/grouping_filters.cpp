// Filters that order items: sort, dictsort, groupby, unique, min, max.
#include <fmt/format.h>

#include <algorithm>

#include "engine/text/jinja/access.h"
#include "engine/text/jinja/builtin.h"
#include "engine/text/jinja/compare.h"
#include "engine/text/jinja/string_transform.h"

namespace hearth::jinja {
namespace {

struct KeyedItem {
  Value key;
  Value item;
};

/// Jinja compares strings without regard to case unless told otherwise.
Value comparable(const Value& value, bool case_sensitive, Budget& budget) {
  if (case_sensitive || !value.text()) return value;
  return to_lower(*value.text(), budget);
}

/// What `attribute` selects of the item: itself for none, a tuple for several paths with commas.
Result<Value> key_of(const Value& item, const Value& attribute, bool case_sensitive, BuiltinCall& call) {
  if (attribute.is_undefined() || attribute.is_none()) return comparable(item, case_sensitive, call.budget());
  if (!attribute.text() || attribute.text()->bytes().find(',') == std::string_view::npos) {
    HEARTH_ASSIGN(const Value key, path_of(item, attribute, call.interpreter));
    return comparable(key, case_sensitive, call.budget());
  }
  List* keys = call.heap().list({});
  for (const Text& path : split(*attribute.text(), ",", -1, call.budget())) {
    HEARTH_ASSIGN(const Value key, path_of(item, path, call.interpreter));
    keys->items.push_back(comparable(key, case_sensitive, call.budget()));
  }
  return Value(keys);
}

Result<std::vector<KeyedItem>> keyed_items(BuiltinCall& call, const Value& attribute, bool case_sensitive) {
  HEARTH_ASSIGN(const std::vector<Value> items, items_of(call.subject, call.interpreter));
  std::vector<KeyedItem> keyed;
  for (const Value& item : items) {
    HEARTH_ASSIGN(Value key, key_of(item, attribute, case_sensitive, call));
    call.budget().spend(2);
    if (call.budget().exhausted()) return call.interpreter.limit_error();
    keyed.push_back({std::move(key), item});
  }
  return keyed;
}

/// Compares keys, and remembers two that have no order.
class KeyLess {
 public:
  explicit KeyLess(BuiltinCall& call) : call_(call) {}

  bool operator()(const Value& a, const Value& b) {
    if (fault_ || call_.budget().exhausted()) return false;
    const std::optional<std::partial_ordering> order = compare(a, b, call_.budget());
    if (!order) {
      fault_ = call_.interpreter.fail_about(
          a.is_undefined() ? a : b,
          fmt::format("{} cannot order {} and {}", call_.builtin.name, a.described(), b.described()));
    }
    return order && std::is_lt(*order);
  }
  Result<void> outcome() const {
    if (fault_) return *fault_;
    return {};
  }

 private:
  BuiltinCall& call_;
  std::optional<Error> fault_;
};

/// Stable, also in reverse.
Result<void> sort_items(std::vector<KeyedItem>& items, bool reverse, BuiltinCall& call) {
  KeyLess less(call);
  std::stable_sort(items.begin(), items.end(), [&](const KeyedItem& a, const KeyedItem& b) {
    return reverse ? less(b.key, a.key) : less(a.key, b.key);
  });
  return less.outcome();
}

std::vector<Value> without_keys(std::vector<KeyedItem> keyed) {
  std::vector<Value> items;
  items.reserve(keyed.size());
  for (KeyedItem& entry : keyed) items.push_back(std::move(entry.item));
  return items;
}

Result<Value> sort(BuiltinCall& call) {
  HEARTH_ASSIGN(std::vector<KeyedItem> items, keyed_items(call, call.arguments[2], call.flag(1, false)));
  HEARTH_TRY(sort_items(items, call.flag(0, false), call));
  return Value(call.heap().list(without_keys(std::move(items))));
}

Result<Value> dictsort(BuiltinCall& call) {
  const Dict* dict = call.subject.dict();
  if (dict == nullptr) {
    return call.interpreter.fail_about(
        call.subject, fmt::format("dictsort needs a dict, not {}", call.subject.described()));
  }
  HEARTH_ASSIGN(const Text by, call.text(1, "key"));
  if (by.bytes() != "key" && by.bytes() != "value") return call.fail("dictsort sorts by 'key' or 'value'");
  std::vector<KeyedItem> items;
  for (const Dict::Entry& entry : dict->entries()) {
    const Value& key = by.bytes() == "key" ? entry.key : entry.value;
    items.push_back({comparable(key, call.flag(0, false), call.budget()),
                     Value(call.heap().tuple({entry.key, entry.value}))});
  }
  HEARTH_TRY(sort_items(items, call.flag(2, false), call));
  return Value(call.heap().list(without_keys(std::move(items))));
}

constexpr std::string_view kGroupFields[] = {"grouper", "list"};

Result<Value> groupby(BuiltinCall& call) {
  const bool case_sensitive = call.flag(2, false);
  HEARTH_ASSIGN(std::vector<KeyedItem> items, keyed_items(call, call.arguments[0], case_sensitive));
  if (call.has(1)) {
    for (KeyedItem& entry : items) {
      if (entry.key.is_undefined()) entry.key = comparable(call.arguments[1], case_sensitive, call.budget());
    }
  }
  HEARTH_TRY(sort_items(items, false, call));
  List* groups = call.heap().list({});
  for (size_t begin = 0; begin < items.size() && !call.budget().exhausted();) {
    // The group is named as its first item spells it.
    HEARTH_ASSIGN(Value name, path_of(items[begin].item, call.arguments[0], call.interpreter));
    if (name.is_undefined() && call.has(1)) name = call.arguments[1];
    List* members = call.heap().list({});
    size_t end = begin;
    while (end < items.size() && equals(items[end].key, items[begin].key, call.budget())) {
      members->items.push_back(items[end++].item);
    }
    begin = std::max(end, begin + 1);  // NaN differs even from itself
    List* group = call.heap().tuple({std::move(name), Value(members)});
    group->fields = kGroupFields;
    groups->items.emplace_back(group);
  }
  return Value(groups);
}

/// The first item of each kind, in their order.
Result<Value> unique(BuiltinCall& call) {
  HEARTH_ASSIGN(const std::vector<KeyedItem> items,
                keyed_items(call, call.arguments[1], call.flag(0, false)));
  Dict seen;
  List* kept = call.heap().list({});
  for (const KeyedItem& entry : items) {
    if (!is_hashable(entry.key)) {
      return call.fail(fmt::format("unique cannot compare items that are {}", entry.key.described()));
    }
    if (entry.key.text()) call.budget().spend_bytes(entry.key.text()->size());
    if (seen.find(entry.key) != nullptr) continue;
    seen.set(entry.key, None());
    kept->items.push_back(entry.item);
  }
  return Value(kept);
}

Result<Value> extreme(BuiltinCall& call, bool wants_largest) {
  HEARTH_ASSIGN(const std::vector<KeyedItem> items,
                keyed_items(call, call.arguments[1], call.flag(0, false)));
  if (items.empty()) return Value(Undefined{Text("the extreme of nothing", Origin::kTemplate)});
  KeyLess less(call);
  const KeyedItem* best = &items.front();
  for (const KeyedItem& entry : items) {
    if (wants_largest ? less(best->key, entry.key) : less(entry.key, best->key)) best = &entry;
  }
  HEARTH_TRY(less.outcome());
  return best->item;
}

Result<Value> min_filter(BuiltinCall& call) { return extreme(call, false); }
Result<Value> max_filter(BuiltinCall& call) { return extreme(call, true); }

constexpr Builtin kFilters[] = {
    {"sort", sort, 0, {"reverse", "case_sensitive", "attribute"}},
    {"dictsort", dictsort, 0, {"case_sensitive", "by", "reverse"}},
    {"groupby", groupby, 1, {"attribute", "default", "case_sensitive"}},
    {"unique", unique, 0, {"case_sensitive", "attribute"}},
    {"min", min_filter, 0, {"case_sensitive", "attribute"}},
    {"max", max_filter, 0, {"case_sensitive", "attribute"}},
};

}  // namespace

std::span<const Builtin> grouping_filters() { return kFilters; }

}  // namespace hearth::jinja
