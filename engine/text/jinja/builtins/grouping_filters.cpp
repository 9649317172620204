// Filters that order items: sort, dictsort, groupby, unique, min, max.
#include <fmt/format.h>

#include <algorithm>

#include "engine/text/jinja/interpreter/builtin.h"
#include "engine/text/jinja/interpreter/operators.h"
#include "engine/text/jinja/value/string_transform.h"
#include "engine/text/jinja/value/value.h"

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

/// What items are ordered by.
struct Order {
  Value attribute;  // a path into them; none for the items themselves
  bool is_case_sensitive;
  bool has_many_paths = false;  // separated by commas
  Value otherwise;              // for what is undefined; undefined for nothing
};

/// What `attribute` selects of the item: a list for several paths.
Result<Value> sort_key(const Value& item, const Order& order, BuiltinCall& call) {
  const bool case_sensitive = order.is_case_sensitive;
  const Value& attribute = order.attribute;
  const bool is_list = order.has_many_paths && attribute.text() &&
                       attribute.text()->bytes().find(',') != std::string_view::npos;
  if (!is_list) {
    HEARTH_ASSIGN(const Value key, path_of(item, attribute, call.interpreter, order.otherwise));
    return comparable(key, case_sensitive, call.budget());
  }
  List* keys = call.heap().list({});
  for (const Text& path : split(*attribute.text(), ",", -1, call.budget())) {
    HEARTH_ASSIGN(const Value key, path_of(item, path, call.interpreter));
    keys->items.push_back(comparable(key, case_sensitive, call.budget()));
  }
  return Value(keys);
}

Result<std::vector<KeyedItem>> keyed_items(BuiltinCall& call, const Order& order) {
  HEARTH_ASSIGN(const std::vector<Value> items, items_of(call.subject, call.interpreter));
  std::vector<KeyedItem> keyed;
  for (const Value& item : items) {
    HEARTH_ASSIGN(Value key, sort_key(item, order, call));
    call.budget().spend(2);
    if (call.budget().exhausted()) return call.interpreter.limit_error();
    keyed.push_back({std::move(key), item});
  }
  return keyed;
}

/// The argument at that place, none where it was left out.
Value attribute_at(const BuiltinCall& call, size_t index) {
  return call.has(index) ? call.arguments[index] : Value(None());
}

/// Compares keys, and remembers two that have no order.
class KeyLess {
 public:
  /// With `orders_equals`, two that are equal need no order: none and none, say.
  explicit KeyLess(BuiltinCall& call, bool orders_equals = false)
      : call_(call), orders_equals_(orders_equals) {}

  bool operator()(const Value& a, const Value& b) {
    if (fault_ || call_.budget().exhausted()) return false;
    if (orders_equals_ && equals(a, b, call_.budget())) return false;
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
  const bool orders_equals_;
  std::optional<Error> fault_;
};

/// Stable, also in reverse.
Result<void> sort_items(std::vector<KeyedItem>& items, bool reverse, KeyLess less) {
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

Result<Value> sort_filter(BuiltinCall& call) {
  const Order order{attribute_at(call, 2), call.flag(1, false), true, {}};
  HEARTH_ASSIGN(std::vector<KeyedItem> items, keyed_items(call, order));
  // Jinja sorts by lists of keys, and equal keys within lists need no order.
  HEARTH_ASSIGN(const int64_t reverse, call.integer(0, 0));
  HEARTH_TRY(sort_items(items, reverse != 0, KeyLess(call, true)));
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
  HEARTH_ASSIGN(const int64_t reverse, call.integer(2, 0));
  HEARTH_TRY(sort_items(items, reverse != 0, KeyLess(call)));
  return Value(call.heap().list(without_keys(std::move(items))));
}

constexpr std::string_view kGroupFields[] = {"grouper", "list"};

Result<Value> groupby(BuiltinCall& call) {
  const Order order{call.arguments[0], call.flag(2, false), false,
                    call.arguments[1].is_none() ? Value() : call.arguments[1]};
  HEARTH_ASSIGN(std::vector<KeyedItem> items, keyed_items(call, order));
  HEARTH_TRY(sort_items(items, false, KeyLess(call)));
  List* groups = call.heap().list({});
  for (size_t begin = 0; begin < items.size() && !call.budget().exhausted();) {
    // The group is named as its first item spells it.
    HEARTH_ASSIGN(Value name, path_of(items[begin].item, order.attribute, call.interpreter, order.otherwise));
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
                keyed_items(call, {attribute_at(call, 1), call.flag(0, false), false, {}}));
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
                keyed_items(call, {attribute_at(call, 1), call.flag(0, false), false, {}}));
  if (items.empty()) return Value(Undefined{Text("the extreme of nothing", Origin::kTemplate)});
  KeyLess less(call);
  const KeyedItem* best = &items.front();
  for (size_t i = 1; i < items.size(); ++i) {
    const KeyedItem& item = items[i];
    if (wants_largest ? less(best->key, item.key) : less(item.key, best->key)) best = &item;
  }
  HEARTH_TRY(less.outcome());
  return best->item;
}

Result<Value> min_filter(BuiltinCall& call) { return extreme(call, false); }
Result<Value> max_filter(BuiltinCall& call) { return extreme(call, true); }

constexpr Builtin kGroupingFilters[] = {
    {"sort", sort_filter, 0, {"reverse", "case_sensitive", "attribute"}},
    {"dictsort", dictsort, 0, {"case_sensitive", "by", "reverse"}},
    {"groupby", groupby, 1, {"attribute", "default", "case_sensitive"}},
    {"unique", unique, 0, {"case_sensitive", "attribute"}},
    {"min", min_filter, 0, {"case_sensitive", "attribute"}},
    {"max", max_filter, 0, {"case_sensitive", "attribute"}},
};

}  // namespace

std::span<const Builtin> grouping_filters() { return kGroupingFilters; }

}  // namespace hearth::jinja
