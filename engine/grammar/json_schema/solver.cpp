#include "engine/grammar/json_schema/solver.h"

#include <algorithm>
#include <utility>

#include "engine/grammar/json_schema/keywords.h"

namespace hearth::json_schema {
namespace {

constexpr size_t kDeepest = 64;  // of schemas that mean each other
// In Algebra's measure of work. An error comes after as much as the largest set takes.
constexpr size_t kWorkOfSchema = 20;
constexpr size_t kWorkOfError = kMostRegularStates;

}  // namespace

Error located(const Error& error, const std::string& pointer) {
  if (error.message.starts_with(kSchemaError)) return error;
  return schema_error(error.code, pointer, error.message);
}

Solver::Solver(Document& document)
    : document_(document),
      emptiness_([this](FormulaId id) { return is_empty(id); }),
      algebra_(formulas_, emptiness_) {}

std::string Solver::pointer_of(FormulaId id) const {
  const Formula& formula = formulas_[id];
  if (formula.kind == FormulaKind::kSchema) return document_[formula.schema].pointer;
  for (const FormulaId part : formula.parts) {
    std::string pointer = pointer_of(part);
    if (!pointer.empty()) return pointer;
  }
  return "";
}

Result<const ValueSet*> Solver::values(FormulaId id) {
  const auto known = values_.find(id);
  if (known != values_.end()) return known->second.get();
  if (std::find(evaluated_.begin(), evaluated_.end(), id) != evaluated_.end()) {
    return schema_error(ErrorCode::kInvalidArgument, pointer_of(id),
                        "this schema refers to nothing but itself");
  }
  if (evaluated_.size() == kDeepest) {
    return schema_error(ErrorCode::kUnsupported, pointer_of(id),
                        "more than " + std::to_string(kDeepest) + " schemas refer to each other in a row");
  }
  algebra_.add_work(kWorkOfSchema);
  HEARTH_TRY(located(algebra_.check_work(), pointer_of(id)));
  evaluated_.push_back(id);
  Result<ValueSet> set = evaluate(id);
  evaluated_.pop_back();
  if (!set.ok()) {
    algebra_.add_work(kWorkOfError);
    return set.error();
  }
  return values_.emplace(id, std::make_unique<const ValueSet>(std::move(*set))).first->second.get();
}

Result<ValueSet> Solver::evaluate(FormulaId id) {
  const Formula formula = formulas_[id];
  switch (formula.kind) {
    case FormulaKind::kAny:
      return ValueSet::any();
    case FormulaKind::kNever:
      return ValueSet::none();
    case FormulaKind::kSchema:
      return read_schema(*this, formula.schema);
    case FormulaKind::kConstant:
      return located(ValueSet::constant(*formula.constant, formulas_), "");
    case FormulaKind::kAnd:
      return evaluate_all(formula.parts, pointer_of(id));
    case FormulaKind::kNot: {
      HEARTH_ASSIGN(const ValueSet* part, values(formula.parts.front()));
      return located(algebra_.without(ValueSet::any(), *part), pointer_of(id));
    }
  }
  return ValueSet::none();
}

Result<ValueSet> Solver::evaluate_all(const std::vector<FormulaId>& parts, const std::string& pointer) {
  ValueSet set = ValueSet::any();
  for (const FormulaId part : parts) {
    HEARTH_ASSIGN(const ValueSet* values_of_part, values(part));
    HEARTH_ASSIGN(set, located(algebra_.both(set, *values_of_part), pointer));
  }
  return set;
}

bool Solver::is_empty(FormulaId id) {
  if (!looked_at_.empty() && evaluated_.size() == looked_at_within_) return find_empty(id);
  // Within an evaluation nothing may rest on what is only taken for empty outside of it.
  const auto looked_at = std::exchange(looked_at_, {});
  const size_t within = std::exchange(looked_at_within_, evaluated_.size());
  const size_t rests_on = std::exchange(rests_on_, SIZE_MAX);
  const bool unsure = std::exchange(unsure_, false);
  const bool empty = find_empty(id);
  looked_at_ = looked_at;
  looked_at_within_ = within;
  rests_on_ = rests_on;
  unsure_ = unsure;
  return empty;
}

bool Solver::find_empty(FormulaId id) {
  if (id == kAny || id == kNever) return id == kNever;
  if (const auto known = is_empty_.find(id); known != is_empty_.end()) return known->second;
  if (const auto outer = looked_at_.find(id); outer != looked_at_.end()) {
    rests_on_ = std::min(rests_on_, outer->second);
    return true;
  }
  algebra_.add_work(1);
  const size_t depth = looked_at_.size();
  const Result<const ValueSet*> set =
      depth_ < kDeepest && algebra_.check_work().ok() ? values(id) : Result<const ValueSet*>(nullptr);
  if (!set.ok() || *set == nullptr) {
    unsure_ = true;
    return false;
  }
  const size_t outer_rests_on = std::exchange(rests_on_, SIZE_MAX);
  const bool outer_unsure = std::exchange(unsure_, false);
  looked_at_[id] = depth;
  ++depth_;
  const Result<bool> result = algebra_.is_empty(**set);
  --depth_;
  looked_at_.erase(id);
  const bool empty = result.ok() && *result;
  if (empty ? rests_on_ >= depth : !unsure_) is_empty_[id] = empty;
  rests_on_ = std::min(outer_rests_on, rests_on_ >= depth ? SIZE_MAX : rests_on_);
  unsure_ = (unsure_ && !is_empty_.contains(id)) || outer_unsure;
  return empty;
}

}  // namespace hearth::json_schema
