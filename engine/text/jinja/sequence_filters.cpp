// Filters of whole sequences: length, first, last, join, list, sum, batch, ...
#include <fmt/format.h>

#include <algorithm>

#include "engine/text/jinja/access.h"
#include "engine/text/jinja/builtin.h"
#include "engine/text/jinja/html.h"
#include "engine/text/jinja/operators.h"
#include "engine/text/jinja/print.h"

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

Result<Value> reverse(BuiltinCall& call) {
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
Result<Value> join(BuiltinCall& call) {
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
  List* pairs = call.heap().list({});
  if (call.subject.is_undefined()) return Value(pairs);
  if (!call.subject.dict())
    return call.fail(fmt::format("items needs a dict, not {}", call.subject.described()));
  for (const Dict::Entry& entry : call.subject.dict()->entries()) {
    if (call.budget().exhausted()) break;
    pairs->items.emplace_back(call.heap().tuple({entry.key, entry.value}));
  }
  return Value(pairs);
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

constexpr Builtin kFilters[] = {
    {"length", length},
    {"count", length},
    {"first", first},
    {"last", last},
    {"list", list_filter},
    {"reverse", reverse},
    {"join", join, 0, {"d", "attribute"}},
    {"items", items_filter},
    {"sum", sum, 0, {"attribute", "start"}},
    {"batch", batch, 1, {"linecount", "fill_with"}},
    {"slice", slice_filter, 1, {"slices", "fill_with"}},
};

}  // namespace

std::span<const Builtin> sequence_filters() { return kFilters; }

}  // namespace hearth::jinja
