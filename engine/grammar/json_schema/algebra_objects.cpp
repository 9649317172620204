#include <algorithm>
#include <string>
#include <utility>

#include "engine/grammar/json_schema/algebra.h"
#include "engine/grammar/json_schema/object_machine.h"

namespace hearth::json_schema {
namespace {

/// Whether members can't be more than a count allows, or must be as many as it asks for.
bool is_always_kept(const MemberCount& count, const ObjectSet& object) {
  uint64_t certain = 0;
  uint64_t possible = 0;
  for (const Property& property : object.properties) {
    if (property.value == kNever || !count.keys.has(property.name)) continue;
    ++possible;
    if (property.required && count.values == kAny) ++certain;
  }
  const bool open = std::any_of(object.others.begin(), object.others.end(),
                                [](const KeyClass& other) { return other.value != kNever; });
  return certain >= count.least && (!count.most || (!open && possible <= *count.most));
}

/// The names of properties as a set of keys.
RegularSet names_of(const ObjectSet& object) {
  std::vector<std::string> names;
  for (const Property& property : object.properties) names.push_back(property.name);
  return RegularSet::any_of(names);
}

}  // namespace

std::optional<ObjectSet> Algebra::simplified(ObjectSet object) {
  for (const Property& property : object.properties) {
    if (property.required && property.value == kNever) return std::nullopt;
  }
  // Those that are declared keep their order; the others follow.
  std::stable_partition(object.properties.begin(), object.properties.end(),
                        [](const Property& property) { return property.declared; });
  std::vector<MemberCount> counts;
  for (MemberCount& count : object.counts) {
    const bool impossible = count.values == kNever || count.keys.empty();
    if (impossible && count.least > 0) return std::nullopt;
    if (count.most && *count.most < count.least) return std::nullopt;
    if (impossible || is_always_kept(count, object)) continue;
    if (std::find(counts.begin(), counts.end(), count) == counts.end()) counts.push_back(std::move(count));
  }
  object.counts = std::move(counts);
  return object;
}

Result<std::vector<KeyClass>> Algebra::both(const std::vector<KeyClass>& a, const std::vector<KeyClass>& b) {
  std::vector<KeyClass> classes;
  for (const KeyClass& of_a : a) {
    for (const KeyClass& of_b : b) {
      HEARTH_ASSIGN(RegularSet keys, of_a.keys & of_b.keys);
      work_ += keys.states().size();
      if (keys.empty()) continue;
      const FormulaId value = formulas_.both(of_a.value, of_b.value);
      const auto alike = std::find_if(classes.begin(), classes.end(),
                                      [&](const KeyClass& each) { return each.value == value; });
      if (alike == classes.end()) {
        classes.push_back({std::move(keys), value});
      } else {
        HEARTH_ASSIGN(alike->keys, alike->keys | keys);
      }
    }
  }
  return classes;
}

Result<std::optional<ObjectSet>> Algebra::both(const ObjectSet& a, const ObjectSet& b) {
  work_ += (a.properties.size() + 1) * (b.properties.size() + 1);
  ObjectSet object;
  for (const Property& property : a.properties) {
    Property& shared = object.properties.emplace_back(property);
    shared.value = formulas_.both(property.value, b.value_of(property.name));
    if (const Property* other = b.find(property.name)) {
      shared.required = shared.required || other->required;
      shared.declared = shared.declared || other->declared;
    }
  }
  for (const Property& property : b.properties) {
    if (a.find(property.name) != nullptr) continue;
    Property& shared = object.properties.emplace_back(property);
    shared.value = formulas_.both(property.value, a.value_of(property.name));
  }
  HEARTH_ASSIGN(object.others, both(a.others, b.others));
  object.counts = a.counts;
  object.counts.insert(object.counts.end(), b.counts.begin(), b.counts.end());
  return simplified(std::move(object));
}

Result<std::vector<ObjectSet>> Algebra::all_but(const ObjectSet& object) {
  std::vector<ObjectSet> others;
  const auto with_property = [&others](const std::string& name, FormulaId value, bool required) {
    others.emplace_back().properties = {{name, value, required, false}};
  };
  for (const Property& property : object.properties) {
    if (property.required) with_property(property.name, kNever, false);
    if (property.value != kAny) with_property(property.name, formulas_.negated(property.value), true);
  }
  for (const KeyClass& other : object.others) {
    if (other.value == kAny) continue;
    HEARTH_ASSIGN(RegularSet keys, other.keys - names_of(object));
    if (keys.empty()) continue;
    others.emplace_back().counts = {{std::move(keys), formulas_.negated(other.value), 1, std::nullopt}};
  }
  for (const MemberCount& count : object.counts) {
    if (count.least > 0) others.emplace_back().counts = {{count.keys, count.values, 0, count.least - 1}};
    if (count.most) {
      others.emplace_back().counts = {{count.keys, count.values, *count.most + 1, std::nullopt}};
    }
  }
  std::vector<ObjectSet> possible;
  for (ObjectSet& other : others) {
    if (std::optional<ObjectSet> simple = simplified(std::move(other)))
      possible.push_back(std::move(*simple));
  }
  return possible;
}

bool Algebra::is_empty(const ObjectSet& object) {
  for (const Property& property : object.properties) {
    if (property.required && is_empty_(property.value)) return true;
  }
  if (object.counts.empty()) return false;
  const Result<Machine> machine = object_machine(object, formulas_, is_empty_, 0);
  return machine.ok() && !machine->can_end;
}

}  // namespace hearth::json_schema
