// type, enum, const, and the keywords of numbers.
#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "engine/grammar/json_schema/decimal.h"
#include "engine/grammar/json_schema/keywords.h"
#include "engine/grammar/json_schema/numbers.h"
#include "engine/text/json_text.h"

namespace hearth::json_schema {
namespace {

bool is_number(const Json& json) { return json.is_number() || !large_integer(json).empty(); }

/// Adds the values of a type; false where there is no such type.
bool add_type(const std::string& name, ValueSet& allowed) {
  const ValueSet any = ValueSet::any();
  if (name == "null") {
    allowed.null = true;
  } else if (name == "boolean") {
    allowed.truth = allowed.falsehood = true;
  } else if (name == "number") {
    allowed.numbers = any.numbers;
  } else if (name == "integer") {
    if (allowed.numbers.empty()) allowed.numbers = whole_numbers();
  } else if (name == "string") {
    allowed.strings = any.strings;
  } else if (name == "array") {
    allowed.arrays = any.arrays;
  } else if (name == "object") {
    allowed.objects = any.objects;
  } else {
    return false;
  }
  return true;
}

Result<ValueSet> read_type(const Keywords& keywords, const Json& type) {
  ValueSet allowed;
  const std::vector<Json> names = type.is_array() ? type.get<std::vector<Json>>() : std::vector<Json>{type};
  for (const Json& name : names) {
    if (!name.is_string() || !add_type(name.get<std::string>(), allowed)) {
      return keywords.invalid("/type", write_json(name) +
                                           " is no type; there are null, boolean, number, integer, string, "
                                           "array and object");
    }
  }
  return allowed;
}

/// Any of these values; strings, often many, become one automaton at once.
Result<ValueSet> read_values(const Keywords& keywords, const Json& values) {
  Algebra& algebra = keywords.solver().algebra();
  ValueSet allowed;
  std::vector<std::string> texts;
  for (const Json& value : values) {
    if (value.is_string()) {
      texts.push_back(value.get<std::string>());
      continue;
    }
    HEARTH_ASSIGN(const ValueSet one, located(ValueSet::constant(value, keywords.solver().formulas()),
                                              keywords.pointer("/enum")));
    HEARTH_ASSIGN(allowed, located(algebra.either(allowed, one), keywords.pointer("/enum")));
  }
  allowed.strings.texts = RegularSet::any_of(texts);
  return allowed;
}

Result<void> compare(const Keywords& keywords, std::string_view keyword, Comparison comparison,
                     ValueSet& set) {
  const Json* bound = keywords.find(keyword);
  if (bound == nullptr) return {};
  const std::string steps = "/" + std::string(keyword);
  if (!is_number(*bound)) return keywords.invalid(steps, "here should be a number");
  const Decimal number = decimal_of(*bound);
  HEARTH_ASSIGN(const RegularSet allowed,
                located(numbers_compared(comparison, number), keywords.pointer(steps)));
  HEARTH_ASSIGN(set.numbers, located(set.numbers & allowed, keywords.pointer(steps)));
  const bool exclusive = comparison == Comparison::kLess || comparison == Comparison::kGreater;
  set.near_bounds = set.near_bounds || (exclusive && !number.zero());
  return {};
}

/// A bound, which older drafts make exclusive by a boolean keyword.
Result<void> read_bound(const Keywords& keywords, std::string_view bound, std::string_view exclusive,
                        Comparison inclusive_comparison, Comparison exclusive_comparison, ValueSet& set) {
  const Json* beside = keywords.find(exclusive);
  if (beside != nullptr && beside->is_boolean()) {
    return compare(keywords, bound, beside->get<bool>() ? exclusive_comparison : inclusive_comparison, set);
  }
  HEARTH_TRY(compare(keywords, bound, inclusive_comparison, set));
  return compare(keywords, exclusive, exclusive_comparison, set);
}

}  // namespace

Result<void> read_types(const Keywords& keywords, ValueSet& set) {
  const Json* type = keywords.find("type");
  if (type == nullptr) return {};
  HEARTH_ASSIGN(set, read_type(keywords, *type));
  return {};
}

Result<void> read_constants(const Keywords& keywords, ValueSet& set) {
  Algebra& algebra = keywords.solver().algebra();
  if (const Json* values = keywords.find("enum")) {
    if (!values->is_array()) return keywords.invalid("/enum", "here should be a list of values");
    HEARTH_ASSIGN(const ValueSet allowed, read_values(keywords, *values));
    HEARTH_ASSIGN(set, located(algebra.both(set, allowed), keywords.pointer("/enum")));
  }
  if (const Json* value = keywords.find("const"); value != nullptr && keywords.draft() != 4) {
    HEARTH_ASSIGN(const ValueSet allowed, located(ValueSet::constant(*value, keywords.solver().formulas()),
                                                  keywords.pointer("/const")));
    HEARTH_ASSIGN(set, located(algebra.both(set, allowed), keywords.pointer("/const")));
  }
  return {};
}

Result<void> read_numbers(const Keywords& keywords, ValueSet& set) {
  if (set.numbers.empty()) return {};
  HEARTH_TRY(
      read_bound(keywords, "minimum", "exclusiveMinimum", Comparison::kNotLess, Comparison::kGreater, set));
  HEARTH_TRY(
      read_bound(keywords, "maximum", "exclusiveMaximum", Comparison::kNotGreater, Comparison::kLess, set));
  const Json* divisor = keywords.find("multipleOf");
  if (divisor == nullptr) return {};
  const Decimal number = is_number(*divisor) ? decimal_of(*divisor) : Decimal();
  if (number.zero() || number.negative)
    return keywords.invalid("/multipleOf", "here should be a number above 0");
  const std::string pointer = keywords.pointer("/multipleOf");
  HEARTH_ASSIGN(const RegularSet multiples, located(multiples_of(number), pointer));
  HEARTH_ASSIGN(set.numbers, located(set.numbers & multiples, pointer));
  return {};
}

}  // namespace hearth::json_schema
