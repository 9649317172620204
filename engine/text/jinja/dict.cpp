#include "engine/text/jinja/dict.h"

#include <algorithm>
#include <cmath>

#include "engine/text/jinja/value.h"

namespace hearth::jinja {
namespace {

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
