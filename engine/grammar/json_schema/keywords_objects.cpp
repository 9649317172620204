#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "engine/grammar/json_schema/keywords.h"
#include "engine/grammar/regex.h"

namespace hearth::json_schema {
namespace {

/// Keys of which it is known which patterns match them.
struct MatchedKeys {
  RegularSet keys;
  FormulaId value;
  bool matched;  // by any pattern
};

Result<void> read_properties(const Keywords& keywords, ObjectSet& object) {
  const Json* properties = keywords.find("properties");
  if (properties == nullptr) return {};
  if (!properties->is_object()) return keywords.invalid("/properties", "here should be an object of schemas");
  for (const auto& [name, schema] : properties->items()) {
    HEARTH_ASSIGN(const FormulaId value, keywords.schema(schema, "/properties" + pointer_step(name)));
    object.properties.push_back({name, value, false, true});
  }
  return {};
}

/// Divides the keys by one pattern.
Result<std::vector<MatchedKeys>> divided(const std::vector<MatchedKeys>& classes, const RegularSet& matching,
                                         FormulaId value, Solver& solver) {
  std::vector<MatchedKeys> parts;
  solver.algebra().add_work(matching.states().size() * classes.size());
  HEARTH_TRY(solver.algebra().check_work());
  for (const MatchedKeys& each : classes) {
    HEARTH_ASSIGN(RegularSet within, each.keys & matching);
    HEARTH_ASSIGN(RegularSet outside, each.keys - matching);
    if (!within.empty())
      parts.push_back({std::move(within), solver.formulas().both(each.value, value), true});
    if (!outside.empty()) parts.push_back({std::move(outside), each.value, each.matched});
  }
  return parts;
}

/// Divides all keys by patternProperties, and gives those that none matches to additionalProperties.
Result<void> read_others(const Keywords& keywords, ObjectSet& object) {
  std::vector<MatchedKeys> classes = {{RegularSet::all(), kAny, false}};
  Formulas& formulas = keywords.solver().formulas();
  if (const Json* patterns = keywords.find("patternProperties")) {
    if (!patterns->is_object()) {
      return keywords.invalid("/patternProperties", "here should be an object of schemas");
    }
    for (const auto& [pattern, schema] : patterns->items()) {
      const std::string steps = "/patternProperties" + pointer_step(pattern);
      const std::string pointer = keywords.pointer(steps);
      HEARTH_ASSIGN(const FormulaId value, keywords.schema(schema, steps));
      HEARTH_ASSIGN(const RegularSet keys, located(regular_set_of(pattern, RegexUse::kSomewhere), pointer));
      for (Property& property : object.properties) {
        if (keys.has(property.name)) property.value = formulas.both(property.value, value);
      }
      HEARTH_ASSIGN(classes, located(divided(classes, keys, value, keywords.solver()), pointer));
    }
  }
  FormulaId additional = kAny;
  if (const Json* schema = keywords.find("additionalProperties")) {
    HEARTH_ASSIGN(additional, keywords.schema(*schema, "/additionalProperties"));
  }
  object.others.clear();
  for (MatchedKeys& each : classes) {
    object.others.push_back({std::move(each.keys), each.matched ? each.value : additional});
  }
  return {};
}

Result<void> read_required(const Keywords& keywords, ObjectSet& object) {
  const Json* required = keywords.find("required");
  if (required == nullptr) return {};
  if (required->is_boolean() && keywords.draft() == 4) return {};  // draft 3 wrote it so, in the property
  if (!required->is_array()) return keywords.invalid("/required", "here should be a list of names");
  for (const Json& name : *required) {
    if (!name.is_string()) return keywords.invalid("/required", "here should be a list of names");
    const std::string text = name.get<std::string>();
    const auto known = std::find_if(object.properties.begin(), object.properties.end(),
                                    [&](const Property& property) { return property.name == text; });
    if (known != object.properties.end()) {
      known->required = true;
    } else {
      object.properties.push_back({text, object.value_of(text), true, false});
    }
  }
  return {};
}

Result<void> read_names(const Keywords& keywords, ObjectSet& object) {
  const Json* schema = keywords.find("propertyNames");
  if (schema == nullptr || keywords.draft() == 4) return {};
  const std::string pointer = keywords.pointer("/propertyNames");
  HEARTH_ASSIGN(const ValueSet* values, keywords.values(*schema, "/propertyNames"));
  HEARTH_ASSIGN(const RegularSet names, located(Algebra::settled(values->strings), pointer));
  for (Property& property : object.properties) {
    if (!names.has(property.name)) property.value = kNever;
  }
  std::vector<KeyClass> others;
  for (const KeyClass& other : object.others) {
    HEARTH_ASSIGN(RegularSet within, located(other.keys & names, pointer));
    HEARTH_ASSIGN(RegularSet outside, located(other.keys - names, pointer));
    if (!within.empty()) others.push_back({std::move(within), other.value});
    if (!outside.empty()) others.push_back({std::move(outside), kNever});
  }
  object.others = std::move(others);
  return {};
}

}  // namespace

Result<void> read_objects(const Keywords& keywords, ObjectSet& object) {
  HEARTH_TRY(read_properties(keywords, object));
  HEARTH_TRY(read_others(keywords, object));
  HEARTH_TRY(read_required(keywords, object));
  HEARTH_TRY(read_names(keywords, object));
  HEARTH_ASSIGN(const std::optional<uint64_t> least, keywords.count("minProperties"));
  HEARTH_ASSIGN(const std::optional<uint64_t> most, keywords.count("maxProperties"));
  if (least || most) object.counts.push_back({RegularSet::all(), kAny, least.value_or(0), most});
  return {};
}

}  // namespace hearth::json_schema
