#include <algorithm>
#include <utility>

#include "engine/grammar/json_schema/algebra.h"
#include "engine/grammar/json_schema/array_machine.h"
#include "engine/grammar/json_schema/document.h"

namespace hearth::json_schema {

std::optional<ArraySet> Algebra::simplified(ArraySet array) {
  const auto at_most = [&array](uint64_t most) { array.most = std::min(array.most.value_or(most), most); };
  const auto never = std::find(array.first.begin(), array.first.end(), kNever);
  if (never != array.first.end()) at_most(static_cast<uint64_t>(never - array.first.begin()));
  if (array.rest == kNever) at_most(array.first.size());
  if (array.most && *array.most <= array.first.size()) {
    array.first.resize(*array.most, kAny);
    array.rest = kNever;
  }
  std::vector<ItemCount> counts;
  for (const ItemCount& count : array.counts) {
    if (count.items == kAny && count.from == 0) {
      array.least = std::max(array.least, count.least);
      if (count.most) at_most(*count.most);
    } else if (count.items == kNever && count.least > 0) {
      return std::nullopt;
    } else if (count.items != kNever && (count.least > 0 || count.most)) {
      if (std::find(counts.begin(), counts.end(), count) == counts.end()) counts.push_back(count);
    }
  }
  array.counts = std::move(counts);
  while (!array.first.empty() && array.first.back() == array.rest) array.first.pop_back();
  if (array.most && *array.most <= 1) array.unique.clear();
  if (array.most && *array.most < array.least) return std::nullopt;
  return array;
}

std::optional<ArraySet> Algebra::both(const ArraySet& a, const ArraySet& b) {
  work_ += a.first.size() + b.first.size() + 1;
  ArraySet array;
  const auto item = [](const ArraySet& of, size_t i) { return i < of.first.size() ? of.first[i] : of.rest; };
  for (size_t i = 0; i < std::max(a.first.size(), b.first.size()); ++i) {
    array.first.push_back(formulas_.both(item(a, i), item(b, i)));
  }
  array.rest = formulas_.both(a.rest, b.rest);
  array.least = std::max(a.least, b.least);
  array.most = a.most && b.most ? std::min(*a.most, *b.most) : (a.most ? a.most : b.most);
  array.counts = a.counts;
  array.counts.insert(array.counts.end(), b.counts.begin(), b.counts.end());
  array.unique = a.unique.empty() ? b.unique : a.unique;
  return simplified(std::move(array));
}

Result<std::vector<ArraySet>> Algebra::all_but(const ArraySet& array) {
  if (!array.unique.empty()) {
    return schema_error(ErrorCode::kUnsupported, array.unique,
                        "arrays that repeat an item cannot be told from those that do not");
  }
  std::vector<ArraySet> others;
  const auto with_count = [&others](const ItemCount& count, uint64_t least, std::optional<uint64_t> most) {
    others.emplace_back().counts = {{count.from, count.items, least, most}};
  };
  if (array.least > 0) others.emplace_back().most = array.least - 1;
  if (array.most) others.emplace_back().least = *array.most + 1;
  for (size_t i = 0; i < array.first.size(); ++i) {
    if (array.first[i] == kAny) continue;
    ArraySet& other = others.emplace_back();
    other.first.resize(i, kAny);
    other.first.push_back(formulas_.negated(array.first[i]));
    other.least = i + 1;
  }
  if (array.rest != kAny) {
    const FormulaId unlike = formulas_.negated(array.rest);
    with_count({array.first.size(), unlike, 0, std::nullopt}, 1, std::nullopt);
  }
  for (const ItemCount& count : array.counts) {
    if (count.least > 0) with_count(count, 0, count.least - 1);
    if (count.most) with_count(count, *count.most + 1, std::nullopt);
  }
  std::vector<ArraySet> possible;
  for (ArraySet& other : others) {
    if (std::optional<ArraySet> simple = simplified(std::move(other))) possible.push_back(std::move(*simple));
  }
  return possible;
}

bool Algebra::is_empty(const ArraySet& array) {
  if (!array.counts.empty()) {
    const Result<Machine> machine = array_machine(array, formulas_, is_empty_);
    return machine.ok() && !machine->can_end;
  }
  for (uint64_t i = 0; i < array.least; ++i) {
    if (i >= array.first.size()) return is_empty_(array.rest);
    if (is_empty_(array.first[i])) return true;
  }
  return false;
}

}  // namespace hearth::json_schema
