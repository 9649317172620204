// Sets of JSON values put together: what is in both, in either, in one but not the other.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "engine/base/result.h"
#include "engine/grammar/json_schema/value_set.h"

namespace hearth::json_schema {

/// Errors here are UNSUPPORTED, without a place in the schema, which callers add.
class Algebra {
 public:
  /// Whether it is known that no value keeps to a formula.
  using IsEmpty = std::function<bool(FormulaId)>;

  Algebra(Formulas& formulas, IsEmpty is_empty) : formulas_(formulas), is_empty_(std::move(is_empty)) {}

  Result<ValueSet> both(const ValueSet& a, const ValueSet& b);
  Result<ValueSet> either(const ValueSet& a, const ValueSet& b);
  Result<ValueSet> without(const ValueSet& a, const ValueSet& b);

  /// The same set without what plainly is in none of its arrays and objects.
  ValueSet simplified(ValueSet set);

  /// The texts of a set of strings, lengths included.
  static Result<RegularSet> settled(const StringSet& strings);
  static Result<bool> is_empty(const StringSet& strings);
  bool is_empty(const ArraySet& array);
  bool is_empty(const ObjectSet& object);
  Result<bool> is_empty(const ValueSet& set);

  /// How much was done here and elsewhere, in states of sets and members of arrays and objects that were
  /// looked at; past kMostWork nothing more is done.
  static constexpr size_t kMostWork = 3'000'000;
  void add_work(size_t work) { work_ += work; }
  Result<void> check_work() const;

 private:
  // Nothing where no array or object can be in both.
  std::optional<ArraySet> both(const ArraySet& a, const ArraySet& b);
  Result<std::optional<ObjectSet>> both(const ObjectSet& a, const ObjectSet& b);
  std::optional<ArraySet> simplified(ArraySet array);
  std::optional<ObjectSet> simplified(ObjectSet object);
  Result<std::vector<KeyClass>> both(const std::vector<KeyClass>& a, const std::vector<KeyClass>& b);
  Result<std::vector<ArraySet>> all_but(const ArraySet& array);
  Result<std::vector<ObjectSet>> all_but(const ObjectSet& object);

  template <typename Set>
  Result<std::vector<Set>> both(const std::vector<Set>& a, const std::vector<Set>& b);
  template <typename Set>
  Result<std::vector<Set>> either(const std::vector<Set>& a, const std::vector<Set>& b);
  template <typename Set>
  Result<std::vector<Set>> without(const std::vector<Set>& a, const std::vector<Set>& b);
  template <typename Set>
  Result<void> add(std::vector<Set>& sets, Set set);

  Formulas& formulas_;
  IsEmpty is_empty_;
  size_t work_ = 0;
};

}  // namespace hearth::json_schema
