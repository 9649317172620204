// Sets of so few values that they can be told one by one.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/grammar/json_schema/value_set.h"

namespace hearth::json_schema {

inline constexpr size_t kMostFiniteValues = 1000;

struct FiniteValues {
  std::vector<std::string> words;  // null, true and false
  std::vector<std::string> strings;
  std::vector<RegularSet> numbers;  // the texts of each
};

/// Nothing where there are more than kMostFiniteValues, or any array or object.
Result<std::optional<FiniteValues>> finite_values(const ValueSet& set);

}  // namespace hearth::json_schema
