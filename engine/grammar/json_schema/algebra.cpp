#include "engine/grammar/json_schema/algebra.h"

#include <algorithm>
#include <string>
#include <utility>

#include "engine/grammar/json_schema/numbers.h"

namespace hearth::json_schema {
namespace {

constexpr size_t kMostAlternatives = 256;

std::optional<uint64_t> smaller(std::optional<uint64_t> a, std::optional<uint64_t> b) {
  if (!a || !b) return a ? a : b;
  return std::min(*a, *b);
}

StringSet no_strings() { return {RegularSet(), 0, std::nullopt}; }

Result<StringSet> both_strings(const StringSet& a, const StringSet& b) {
  StringSet strings = {RegularSet(), std::max(a.least, b.least), smaller(a.most, b.most)};
  HEARTH_ASSIGN(strings.texts, a.texts & b.texts);
  HEARTH_ASSIGN(const bool empty, Algebra::is_empty(strings));
  return empty ? no_strings() : strings;
}

Result<StringSet> either_strings(const StringSet& a, const StringSet& b) {
  if (a.texts.empty()) return b;
  if (b.texts.empty() || (a.texts == b.texts && a.least == b.least && a.most == b.most)) return a;
  HEARTH_ASSIGN(const RegularSet of_a, Algebra::settled(a));
  HEARTH_ASSIGN(const RegularSet of_b, Algebra::settled(b));
  HEARTH_ASSIGN(RegularSet texts, of_a | of_b);
  return StringSet{texts, 0, std::nullopt};
}

Result<StringSet> strings_without(const StringSet& a, const StringSet& b) {
  if (a.texts.empty() || b.texts.empty()) return a;
  StringSet rest = a;
  if (b.texts == RegularSet::all() && !(b.least > 0 && b.most)) {
    if (!b.most && b.least == 0) return no_strings();
    if (b.most) rest.least = std::max(rest.least, *b.most + 1);
    if (!b.most) rest.most = smaller(rest.most, b.least - 1);
  } else {
    HEARTH_ASSIGN(const RegularSet taken, Algebra::settled(b));
    HEARTH_ASSIGN(rest.texts, a.texts - taken);
  }
  HEARTH_ASSIGN(const bool empty, Algebra::is_empty(rest));
  return empty ? no_strings() : rest;
}

}  // namespace

Result<RegularSet> Algebra::settled(const StringSet& strings) {
  const std::optional<size_t> longest = strings.texts.longest();
  const bool bounded = strings.most && !(longest && *longest <= *strings.most);
  const uint64_t least = strings.texts.shortest() >= strings.least ? 0 : strings.least;
  const std::optional<uint64_t> most = bounded ? strings.most : std::nullopt;
  if (strings.texts.empty() || (least == 0 && !most)) return strings.texts;
  if (most && *most < least) return RegularSet();
  if (std::max(least, most.value_or(0)) >= kMostRegularStates) return too_many_regular_states();
  return strings.texts & RegularSet::of_length(least, most);
}

Result<bool> Algebra::is_empty(const StringSet& strings) {
  if (strings.texts.empty() || (strings.most && *strings.most < strings.least)) return true;
  if (strings.texts == RegularSet::all()) return false;
  const size_t shortest = strings.texts.shortest();
  if (strings.most && shortest > *strings.most) return true;
  if (shortest >= strings.least) return false;
  const std::optional<size_t> longest = strings.texts.longest();
  if (longest && *longest < strings.least) return true;
  HEARTH_ASSIGN(const RegularSet texts, settled(strings));
  return texts.empty();
}

Result<bool> Algebra::is_empty(const ValueSet& set) {
  if (set.null || set.truth || set.falsehood || !set.numbers.empty()) return false;
  HEARTH_ASSIGN(const bool no_string, is_empty(set.strings));
  if (!no_string) return false;
  for (const ArraySet& array : set.arrays) {
    if (!is_empty(array)) return false;
  }
  for (const ObjectSet& object : set.objects) {
    if (!is_empty(object)) return false;
  }
  return true;
}

template <typename Set>
Result<void> Algebra::add(std::vector<Set>& sets, Set set) {
  if (std::find(sets.begin(), sets.end(), set) != sets.end()) return {};
  if (sets.size() == kMostAlternatives) {
    std::erase_if(sets, [this](const Set& each) { return is_empty(each); });
  }
  if (sets.size() == kMostAlternatives) {
    return Error{ErrorCode::kUnsupported, "arrays or objects come in more than " +
                                              std::to_string(kMostAlternatives) +
                                              " alternatives; say it with fewer branches or negations"};
  }
  sets.push_back(std::move(set));
  return {};
}

template <typename Set>
Result<std::vector<Set>> Algebra::both(const std::vector<Set>& a, const std::vector<Set>& b) {
  std::vector<Set> sets;
  for (const Set& of_a : a) {
    for (const Set& of_b : b) {
      HEARTH_TRY(check_work());
      if (of_a == Set() || of_b == Set()) {
        HEARTH_TRY(add(sets, of_a == Set() ? of_b : of_a));
        continue;
      }
      HEARTH_ASSIGN(std::optional<Set> shared, Result<std::optional<Set>>(both(of_a, of_b)));
      if (shared) HEARTH_TRY(add(sets, std::move(*shared)));
    }
  }
  return sets;
}

template <typename Set>
Result<std::vector<Set>> Algebra::either(const std::vector<Set>& a, const std::vector<Set>& b) {
  const std::vector<Set> all = {Set()};
  if (a == all || b == all) return all;
  std::vector<Set> sets = a;
  for (const Set& of_b : b) HEARTH_TRY(add(sets, of_b));
  return sets;
}

template <typename Set>
Result<std::vector<Set>> Algebra::without(const std::vector<Set>& a, const std::vector<Set>& b) {
  std::vector<Set> rest = a;
  for (const Set& taken : b) {
    if (taken == Set()) return std::vector<Set>();
    std::vector<Set> left;
    std::optional<std::vector<Set>> others;
    for (const Set& from : rest) {
      HEARTH_TRY(check_work());
      HEARTH_ASSIGN(const std::optional<Set> shared, Result<std::optional<Set>>(both(from, taken)));
      if (!shared || is_empty(*shared)) {
        HEARTH_TRY(add(left, from));
        continue;
      }
      if (!others) {
        HEARTH_ASSIGN(others, all_but(taken));
      }
      for (const Set& other : *others) {
        HEARTH_ASSIGN(std::optional<Set> kept, Result<std::optional<Set>>(both(from, other)));
        if (kept && !is_empty(*kept)) HEARTH_TRY(add(left, std::move(*kept)));
      }
    }
    rest = std::move(left);
  }
  return rest;
}

Result<void> Algebra::check_work() const {
  if (work_ <= kMostWork) return {};
  return Error{ErrorCode::kUnsupported,
               "the schema takes too much work: make it smaller, or its patterns and branches simpler"};
}

ValueSet Algebra::simplified(ValueSet set) {
  std::vector<ArraySet> arrays;
  for (ArraySet& array : set.arrays) {
    if (std::optional<ArraySet> simple = simplified(std::move(array))) arrays.push_back(std::move(*simple));
  }
  std::vector<ObjectSet> objects;
  for (ObjectSet& object : set.objects) {
    if (std::optional<ObjectSet> simple = simplified(std::move(object)))
      objects.push_back(std::move(*simple));
  }
  set.arrays = std::move(arrays);
  set.objects = std::move(objects);
  return set;
}

Result<ValueSet> Algebra::both(const ValueSet& a, const ValueSet& b) {
  ValueSet set;
  set.null = a.null && b.null;
  set.truth = a.truth && b.truth;
  set.falsehood = a.falsehood && b.falsehood;
  HEARTH_ASSIGN(set.numbers, a.numbers & b.numbers);
  set.near_bounds = a.near_bounds || b.near_bounds;
  HEARTH_ASSIGN(set.strings, both_strings(a.strings, b.strings));
  work_ += set.numbers.states().size() + set.strings.texts.states().size();
  HEARTH_ASSIGN(set.arrays, both(a.arrays, b.arrays));
  HEARTH_ASSIGN(set.objects, both(a.objects, b.objects));
  return set;
}

Result<ValueSet> Algebra::either(const ValueSet& a, const ValueSet& b) {
  ValueSet set;
  set.null = a.null || b.null;
  set.truth = a.truth || b.truth;
  set.falsehood = a.falsehood || b.falsehood;
  HEARTH_ASSIGN(set.numbers, a.numbers | b.numbers);
  set.near_bounds = a.near_bounds || b.near_bounds;
  HEARTH_ASSIGN(set.strings, either_strings(a.strings, b.strings));
  work_ += set.numbers.states().size() + set.strings.texts.states().size();
  HEARTH_ASSIGN(set.arrays, either(a.arrays, b.arrays));
  HEARTH_ASSIGN(set.objects, either(a.objects, b.objects));
  return set;
}

Result<ValueSet> Algebra::without(const ValueSet& a, const ValueSet& b) {
  ValueSet set;
  set.null = a.null && !b.null;
  set.truth = a.truth && !b.truth;
  set.falsehood = a.falsehood && !b.falsehood;
  HEARTH_ASSIGN(set.numbers, a.numbers - b.numbers);
  const bool parted = !b.numbers.empty() && !(b.numbers == all_numbers()) && !(b.numbers == whole_numbers());
  set.near_bounds = a.near_bounds || parted;
  HEARTH_ASSIGN(set.strings, strings_without(a.strings, b.strings));
  work_ += set.numbers.states().size() + set.strings.texts.states().size();
  HEARTH_ASSIGN(set.arrays, without(a.arrays, b.arrays));
  HEARTH_ASSIGN(set.objects, without(a.objects, b.objects));
  return set;
}

}  // namespace hearth::json_schema
