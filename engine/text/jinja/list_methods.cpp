// Methods of lists and tuples, as in Python. Tuples have only those that change nothing.
#include <fmt/format.h>

#include <algorithm>

#include "engine/text/jinja/access.h"
#include "engine/text/jinja/builtin.h"
#include "engine/text/jinja/compare.h"

namespace hearth::jinja {
namespace {

std::vector<Value>& self(BuiltinCall& call) { return call.subject.list()->items; }

Result<void> require_list(const BuiltinCall& call) {
  if (!call.subject.list()->is_tuple) return {};
  return call.fail(fmt::format("{} cannot change a tuple; make a list of it", call.builtin.name));
}

Result<Value> append(BuiltinCall& call) {
  HEARTH_TRY(require_list(call));
  self(call).push_back(call.arguments[0]);
  return Value(None());
}

Result<Value> extend(BuiltinCall& call) {
  HEARTH_TRY(require_list(call));
  HEARTH_ASSIGN(const std::vector<Value> more, items_of(call.arguments[0], call.interpreter));
  self(call).insert(self(call).end(), more.begin(), more.end());
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
  call.budget().spend(self(call).size() / 8);
  const size_t place = clamped(index, self(call).size());
  self(call).insert(self(call).begin() + static_cast<std::ptrdiff_t>(place), call.arguments[1]);
  return Value(None());
}

Result<Value> pop(BuiltinCall& call) {
  HEARTH_TRY(require_list(call));
  HEARTH_ASSIGN(int64_t index, call.integer(0, -1));
  std::vector<Value>& items = self(call);
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
  const std::vector<Value>& items = self(call);
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
  self(call).erase(self(call).begin() + static_cast<std::ptrdiff_t>(place));
  return Value(None());
}

Result<Value> index(BuiltinCall& call) {
  HEARTH_ASSIGN(const int64_t begin, call.integer(1, 0));
  HEARTH_ASSIGN(const int64_t end, call.integer(2, INT64_MAX));
  HEARTH_ASSIGN(const size_t place, place_of(call, begin, end));
  return Value::integer(static_cast<int64_t>(place));
}

Result<Value> count(BuiltinCall& call) {
  return Value::integer(std::count_if(self(call).begin(), self(call).end(), [&](const Value& item) {
    return equals(item, call.arguments[0], call.budget());
  }));
}

Result<Value> reverse(BuiltinCall& call) {
  HEARTH_TRY(require_list(call));
  call.budget().spend(self(call).size());
  std::reverse(self(call).begin(), self(call).end());
  return Value(None());
}

Result<Value> sort(BuiltinCall& call) {
  HEARTH_TRY(require_list(call));
  // Case-sensitive, unlike the filter.
  Arguments arguments{{call.has(0) ? call.arguments[0] : Value::boolean(false), Value::boolean(true)}, {}};
  HEARTH_ASSIGN(const Value sorted,
                call.interpreter.apply_filter("sort", call.subject, std::move(arguments)));
  self(call) = sorted.list()->items;
  return Value(None());
}

Result<Value> copy(BuiltinCall& call) {
  HEARTH_TRY(require_list(call));
  HEARTH_ASSIGN(std::vector<Value> items, items_of(call.subject, call.interpreter));
  return Value(call.heap().list(std::move(items)));
}

Result<Value> clear(BuiltinCall& call) {
  HEARTH_TRY(require_list(call));
  self(call).clear();
  return Value(None());
}

constexpr Builtin kMethods[] = {
    {"append", append, 1, {"item"}},
    {"extend", extend, 1, {"items"}},
    {"insert", insert, 2, {"index", "item"}},
    {"pop", pop, 0, {"index"}},
    {"remove", remove, 1, {"item"}},
    {"index", index, 1, {"item", "start", "stop"}},
    {"count", count, 1, {"item"}},
    {"reverse", reverse},
    {"sort", sort, 0, {"reverse"}},
    {"copy", copy},
    {"clear", clear},
};

}  // namespace

std::span<const Builtin> list_methods() { return kMethods; }

}  // namespace hearth::jinja
