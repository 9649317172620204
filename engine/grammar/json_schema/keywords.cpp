#include "engine/grammar/json_schema/keywords.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "engine/grammar/json_schema/decimal.h"
#include "engine/grammar/json_schema/numbers.h"
#include "engine/text/json_text.h"

namespace hearth::json_schema {
namespace {

/// Keywords whose meaning rests on what other keywords have looked at, or on who refers to the schema.
constexpr std::string_view kUnsupported[] = {"unevaluatedItems", "unevaluatedProperties", "$dynamicRef",
                                             "$recursiveRef"};

Result<void> refuse_unsupported(const Keywords& keywords) {
  for (const std::string_view keyword : kUnsupported) {
    const Json* json = keywords.find(keyword);
    const bool allows_all = json != nullptr && (*json == Json(true) || *json == Json::object());
    if (json == nullptr || (allows_all && keyword.starts_with("unevaluated"))) continue;
    return keywords.unsupported("/" + std::string(keyword), std::string(keyword) + " is not supported");
  }
  return {};
}

Result<ValueSet> read_own(const Keywords& keywords) {
  ValueSet set = ValueSet::any();
  HEARTH_TRY(read_types(keywords, set));
  HEARTH_TRY(read_numbers(keywords, set));
  HEARTH_TRY(read_strings(keywords, set));
  if (!set.arrays.empty()) HEARTH_TRY(read_arrays(keywords, set.arrays.front()));
  if (!set.objects.empty()) HEARTH_TRY(read_objects(keywords, set.objects.front()));
  set = keywords.solver().algebra().simplified(std::move(set));
  HEARTH_TRY(read_constants(keywords, set));
  return set;
}

bool is_of_objects(std::string_view keyword) {
  return keyword == "properties" || keyword == "patternProperties" || keyword == "additionalProperties";
}

}  // namespace

Result<ValueSet> read_schema(Solver& solver, uint32_t place) {
  const Json& json = *solver.document()[place].schema;
  if (json.is_boolean()) return json.get<bool>() ? ValueSet::any() : ValueSet::none();
  const Keywords keywords(solver, place);
  if (keywords.draft() <= 7 && keywords.find("$ref") != nullptr) {
    // It hides what stands beside it; but that a type is meant all the same, and ajv looks at it, harms
    // nobody.
    ValueSet set = ValueSet::any();
    HEARTH_TRY(read_types(keywords, set));
    HEARTH_TRY(read_combination(keywords, "$ref", *keywords.find("$ref"), set));
    return set;
  }
  HEARTH_TRY(refuse_unsupported(keywords));
  HEARTH_ASSIGN(const ValueSet own, read_own(keywords));

  // In the order of the text, which properties keep: this schema's own come where it writes them.
  const bool has_properties = std::any_of(json.items().begin(), json.items().end(),
                                          [](const auto& member) { return is_of_objects(member.key()); });
  ValueSet set = has_properties ? ValueSet::any() : own;
  bool own_read = !has_properties;
  for (const auto& [keyword, value] : json.items()) {
    if (is_of_objects(keyword) && !own_read) {
      HEARTH_ASSIGN(set, located(solver.algebra().both(set, own), keywords.pointer("")));
      own_read = true;
    }
    HEARTH_TRY(read_combination(keywords, keyword, value, set));
  }
  return set;
}

const Json* Keywords::find(std::string_view keyword) const {
  const auto found = json_.find(std::string(keyword));
  return found == json_.end() ? nullptr : &*found;
}

std::string Keywords::pointer(std::string_view steps) const {
  return solver_.document()[place_].pointer + std::string(steps);
}

Error Keywords::invalid(std::string_view steps, const std::string& what) const {
  return schema_error(ErrorCode::kInvalidArgument, pointer(steps), what);
}

Error Keywords::unsupported(std::string_view steps, const std::string& what) const {
  return schema_error(ErrorCode::kUnsupported, pointer(steps), what);
}

Result<std::optional<uint64_t>> Keywords::count(std::string_view keyword) const {
  const Json* json = find(keyword);
  if (json == nullptr) return std::optional<uint64_t>();
  constexpr size_t kMostDigitsOfCount = 15;
  const Decimal number =
      json->is_number() || !large_integer(*json).empty() ? decimal_of(*json) : Decimal{true, "", 0};
  if (number.negative || !number.fraction().empty()) {
    return invalid("/" + std::string(keyword), "here should be a whole number, 0 or more");
  }
  const std::string digits = number.whole();
  if (digits.size() > kMostDigitsOfCount) return std::optional<uint64_t>(1'000'000'000'000'000);
  return std::optional<uint64_t>(std::stoull(digits));
}

Result<FormulaId> Keywords::schema(const Json& json, const std::string& steps) const {
  if (json.is_boolean()) return json.get<bool>() ? kAny : kNever;
  if (!json.is_object()) return invalid(steps, "here should be a schema, an object or a boolean");
  if (json.empty()) return kAny;
  return solver_.formulas().schema(solver_.document().below(place_, json, steps));
}

Result<const ValueSet*> Keywords::values(const Json& json, const std::string& steps) const {
  HEARTH_ASSIGN(const FormulaId formula, schema(json, steps));
  return solver_.values(formula);
}

}  // namespace hearth::json_schema
