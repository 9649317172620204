// What formulas of schemas come to: the values that keep to each.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/grammar/json_schema/algebra.h"
#include "engine/grammar/json_schema/document.h"

namespace hearth::json_schema {

class Solver {
 public:
  explicit Solver(Document& document);
  Solver(const Solver&) = delete;
  Solver& operator=(const Solver&) = delete;

  Document& document() { return document_; }
  Formulas& formulas() { return formulas_; }
  Algebra& algebra() { return algebra_; }
  const Algebra::IsEmpty& emptiness() const { return emptiness_; }

  /// The values that keep to a formula, valid as long as this. Errors name the place: INVALID_ARGUMENT for
  /// schemas that are none or that are nothing but themselves, UNSUPPORTED for what can't be kept.
  Result<const ValueSet*> values(FormulaId id);

  /// Whether it is known that no value keeps to a formula.
  bool is_empty(FormulaId id);

  /// Where the first schema of a formula stands.
  std::string pointer_of(FormulaId id) const;

 private:
  Result<ValueSet> evaluate(FormulaId id);
  Result<ValueSet> evaluate_all(const std::vector<FormulaId>& parts, const std::string& pointer);
  bool find_empty(FormulaId id);

  Document& document_;
  Formulas formulas_;
  Algebra::IsEmpty emptiness_;
  Algebra algebra_;
  std::map<FormulaId, std::unique_ptr<const ValueSet>> values_;
  std::vector<FormulaId> evaluated_;  // those that are being evaluated, each for the one before

  // While it is looked whether a formula is empty: those within which it is looked at, taken for empty until
  // something else is found, and the outermost of them that an answer rests on.
  std::map<FormulaId, size_t> looked_at_;
  size_t looked_at_within_ = 0;  // how many are being evaluated around it
  size_t depth_ = 0;             // of all that is looked at
  size_t rests_on_ = SIZE_MAX;
  bool unsure_ = false;
  std::map<FormulaId, bool> is_empty_;
};

/// `error` with the place that it has to do with, if it has none yet.
Error located(const Error& error, const std::string& pointer);

/// Gives `result` on, its error with the place.
template <typename T>
Result<T> located(Result<T> result, const std::string& pointer) {
  if (!result.ok()) return located(result.error(), pointer);
  return result;
}

}  // namespace hearth::json_schema
