#include "engine/text/jinja/value/value.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <iterator>

namespace hearth::jinja {
namespace {

std::partial_ordering compare_mixed(const Value& integer, double real) {
  if (std::isnan(real)) return std::partial_ordering::unordered;
  if (std::isinf(real)) return 0.0 <=> real;
  const std::strong_ordering order = integer.whole() <=> BigInteger::truncated(real);
  if (std::is_neq(order)) return order;
  return 0.0 <=> real - std::trunc(real);
}

bool equal_lists(const List& a, const List& b, Budget& budget) {
  return a.is_tuple == b.is_tuple && a.items.size() == b.items.size() &&
         std::equal(a.items.begin(), a.items.end(), b.items.begin(),
                    [&](const Value& x, const Value& y) { return equals(x, y, budget); });
}

bool equal_dicts(const Dict& a, const Dict& b, Budget& budget) {
  return a.size() == b.size() &&
         std::all_of(a.entries().begin(), a.entries().end(), [&](const Dict::Entry& entry) {
           const Value* other_value = b.find(entry.key);
           return other_value != nullptr && equals(entry.value, *other_value, budget);
         });
}

std::optional<std::partial_ordering> compare_lists(const List& a, const List& b, Budget& budget) {
  if (a.is_tuple != b.is_tuple) return std::nullopt;
  const size_t common = std::min(a.items.size(), b.items.size());
  for (size_t i = 0; i < common; ++i) {
    if (!equals(a.items[i], b.items[i], budget)) return compare(a.items[i], b.items[i], budget);
  }
  return a.items.size() <=> b.items.size();
}

/// Larger keys are refused, which bounds the work and the recursion of KeyOrder.
constexpr int kMaxKeyDepth = 16;
constexpr int kMaxKeyItems = 256;

bool is_hashable_within(const Value& value, int depth, int& items_left) {
  if (value.dict() || depth == 0 || --items_left < 0) return false;
  if (!value.list()) return true;
  return value.list()->is_tuple &&
         std::all_of(value.list()->items.begin(), value.list()->items.end(),
                     [&](const Value& item) { return is_hashable_within(item, depth - 1, items_left); });
}

/// Values of different ranks are never equal.
int rank(const Value& value) {
  if (value.is_undefined()) return 0;
  if (value.is_none()) return 1;
  if (value.is_number()) return 2;
  if (value.text()) return 3;
  return value.list() ? 4 : 5;
}

bool number_less(const Value& a, const Value& b) {
  const bool a_is_nan = a.real() && std::isnan(*a.real());
  const bool b_is_nan = b.real() && std::isnan(*b.real());
  if (a_is_nan || b_is_nan) return !a_is_nan;  // NaN after every number, so that the order is total
  return std::is_lt(compare_numbers(a, b));
}

}  // namespace

std::optional<int64_t> Value::integer() const {
  if (const auto* integer = std::get_if<int64_t>(&data_)) return *integer;
  if (const bool* flag = boolean()) return *flag ? 1 : 0;
  return std::nullopt;
}

Value Value::integer(const BigInteger& value) {
  if (const std::optional<int64_t> small = value.small()) return integer(*small);
  return Value(Data(std::make_shared<const BigInteger>(value)));
}

double Value::as_real() const {
  if (real() != nullptr) return *real();
  return big() != nullptr ? big()->real() : static_cast<double>(*integer());
}

std::string_view Value::described() const {
  if (is_undefined()) return "something undefined";
  if (is_none()) return "none";
  if (boolean()) return "a boolean";
  if (real()) return "a float";
  if (text()) return "a string";
  if (list()) return list()->is_tuple ? "a tuple" : "a list";
  if (dict()) return "a dict";
  if (object()) return object()->described();
  return "an integer";
}

bool Value::truthy() const {
  if (is_undefined() || is_none()) return false;
  if (is_number()) return as_real() != 0;
  if (text()) return !text()->empty();
  if (list()) return !list()->items.empty();
  if (dict()) return dict()->size() != 0;
  return true;
}

std::partial_ordering compare_numbers(const Value& a, const Value& b) {
  const std::optional<int64_t> x = a.integer();
  const std::optional<int64_t> y = b.integer();
  if (x && y) return *x <=> *y;
  if (a.real() && b.real()) return *a.real() <=> *b.real();
  if (b.real()) return compare_mixed(a, *b.real());
  // 0 <=> order turns an order around. NOLINTNEXTLINE(modernize-use-nullptr)
  if (a.real()) return 0 <=> compare_mixed(b, *a.real());
  return a.whole() <=> b.whole();
}

bool equals(const Value& a, const Value& b, Budget& budget) {
  const Level level(budget);
  budget.spend(1);
  if (!level || budget.exhausted()) return false;
  if (a.is_number() && b.is_number()) return std::is_eq(compare_numbers(a, b));
  if (a.text() && b.text()) {
    budget.spend_bytes(std::min(a.text()->size(), b.text()->size()));
    return a.text()->bytes() == b.text()->bytes();
  }
  if (a.list() && b.list()) return a.list() == b.list() || equal_lists(*a.list(), *b.list(), budget);
  if (a.dict() && b.dict()) return a.dict() == b.dict() || equal_dicts(*a.dict(), *b.dict(), budget);
  if (a.object() && b.object()) return a.object() == b.object();
  return (a.is_none() && b.is_none()) || (a.is_undefined() && b.is_undefined());
}

std::optional<std::partial_ordering> compare(const Value& a, const Value& b, Budget& budget) {
  const Level level(budget);
  budget.spend(1);
  if (!level || budget.exhausted()) return std::partial_ordering::equivalent;
  if (a.is_number() && b.is_number()) return compare_numbers(a, b);
  if (a.text() && b.text()) {
    budget.spend_bytes(std::min(a.text()->size(), b.text()->size()));
    // The order of UTF-8's bytes is that of its code points.
    return a.text()->bytes() <=> b.text()->bytes();
  }
  if (a.list() && b.list()) return compare_lists(*a.list(), *b.list(), budget);
  return std::nullopt;
}

bool contains(const List& list, const Value& value, Budget& budget) {
  return std::any_of(list.items.begin(), list.items.end(),
                     [&](const Value& item) { return equals(item, value, budget); });
}

bool is_hashable(const Value& value) {
  int items_left = kMaxKeyItems;
  return is_hashable_within(value, kMaxKeyDepth, items_left);
}

bool KeyOrder::operator()(const Value& a, const Value& b) const {
  if (rank(a) != rank(b)) return rank(a) < rank(b);
  if (a.is_number()) return number_less(a, b);
  if (a.text()) return a.text()->bytes() < b.text()->bytes();
  if (a.list()) {
    return std::lexicographical_compare(a.list()->items.begin(), a.list()->items.end(),
                                        b.list()->items.begin(), b.list()->items.end(), KeyOrder());
  }
  return std::less<>()(a.object(), b.object());
}

bool KeyOrder::operator()(const Value& a, std::string_view b) const {
  return a.text() ? a.text()->bytes() < b : rank(a) < 3;
}

bool KeyOrder::operator()(std::string_view a, const Value& b) const {
  return b.text() ? a < b.text()->bytes() : rank(b) > 3;
}

const Value* Dict::find(const Value& key) const {
  if (!is_hashable(key)) return nullptr;
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? nullptr : &found->second->value;
}

const Value* Dict::find(std::string_view key) const {
  const auto found = by_key_.find(key);
  return found == by_key_.end() ? nullptr : &found->second->value;
}

void Dict::set(const Value& key, Value value) {
  const auto place = by_key_.lower_bound(key);
  if (place != by_key_.end() && !KeyOrder()(key, place->first)) {
    place->second->value = std::move(value);
    return;
  }
  entries_.push_back({key, std::move(value)});
  by_key_.emplace_hint(place, key, std::prev(entries_.end()));
}

void Dict::erase(const Value& key) {
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return;
  entries_.erase(found->second);
  by_key_.erase(found);
}

void Dict::clear() {
  by_key_.clear();
  entries_.clear();
}

}  // namespace hearth::jinja
