#include "engine/grammar/json_schema/value_set.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/grammar/json_schema/numbers.h"

namespace hearth::json_schema {

const Property* ObjectSet::find(const std::string& name) const {
  const auto found = std::find_if(properties.begin(), properties.end(),
                                  [&](const Property& property) { return property.name == name; });
  return found == properties.end() ? nullptr : &*found;
}

FormulaId ObjectSet::value_of(const std::string& key) const {
  if (const Property* property = find(key)) return property->value;
  for (const KeyClass& other : others) {
    if (other.keys.has(key)) return other.value;
  }
  return kNever;
}

ValueSet ValueSet::any() {
  ValueSet set;
  set.null = set.truth = set.falsehood = true;
  set.numbers = all_numbers();
  set.strings = {};
  set.arrays = {ArraySet()};
  set.objects = {ObjectSet()};
  return set;
}

Result<ValueSet> ValueSet::constant(const nlohmann::ordered_json& value, Formulas& formulas) {
  ValueSet set;
  if (value.is_null()) {
    set.null = true;
  } else if (value.is_boolean()) {
    (value.get<bool>() ? set.truth : set.falsehood) = true;
  } else if (value.is_string()) {
    const std::string text = value.get<std::string>();
    set.strings.texts = RegularSet::any_of(std::span(&text, 1));
  } else if (value.is_array()) {
    ArraySet array;
    for (const auto& item : value) array.first.push_back(formulas.constant(item));
    array.rest = kNever;
    array.least = array.first.size();
    array.most = array.least;
    set.arrays.push_back(std::move(array));
  } else if (value.is_object()) {
    ObjectSet object;
    object.others.front().value = kNever;
    for (const auto& [name, member] : value.items()) {
      object.properties.push_back({name, formulas.constant(member), true, true});
    }
    set.objects.push_back(std::move(object));
  } else {
    HEARTH_ASSIGN(set.numbers, numbers_compared(Comparison::kEqual, decimal_of(value)));
  }
  return set;
}

}  // namespace hearth::json_schema
