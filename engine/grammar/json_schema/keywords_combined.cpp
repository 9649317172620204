// $ref, allOf, anyOf, oneOf, not, if, and what depends on a property being there.
#include <string>
#include <utility>
#include <vector>

#include "engine/grammar/json_schema/keywords.h"

namespace hearth::json_schema {
namespace {

/// One keyword of these, and the set that it takes from.
struct Combination {
  const Keywords& keywords;
  std::string keyword;
  const Json& json;
  ValueSet& set;

  Algebra& algebra() const { return keywords.solver().algebra(); }
  std::string steps() const { return "/" + keyword; }

  Result<void> restrict(const ValueSet& allowed) {
    HEARTH_ASSIGN(set, located(algebra().both(set, allowed), keywords.pointer(steps())));
    return {};
  }

  /// The values that each schema of a list allows.
  Result<std::vector<const ValueSet*>> branches() const {
    if (!json.is_array() || json.empty()) {
      return keywords.invalid(steps(), "here should be a list of schemas, at least one");
    }
    std::vector<const ValueSet*> branches;
    for (size_t i = 0; i < json.size(); ++i) {
      HEARTH_ASSIGN(const ValueSet* branch, keywords.values(json[i], steps() + "/" + std::to_string(i)));
      branches.push_back(branch);
    }
    return branches;
  }
};

Result<void> read_reference(Combination& of) {
  if (!of.json.is_string()) return of.keywords.invalid(of.steps(), "here should be the URI of a schema");
  Solver& solver = of.keywords.solver();
  HEARTH_ASSIGN(const uint32_t target,
                solver.document().resolve(of.keywords.place(), of.json.get<std::string>()));
  HEARTH_ASSIGN(const ValueSet* values, solver.values(solver.formulas().schema(target)));
  return of.restrict(*values);
}

Result<void> read_all_of(Combination& of) {
  HEARTH_ASSIGN(const std::vector<const ValueSet*> branches, of.branches());
  for (const ValueSet* branch : branches) HEARTH_TRY(of.restrict(*branch));
  return {};
}

Result<void> read_any_of(Combination& of) {
  HEARTH_ASSIGN(const std::vector<const ValueSet*> branches, of.branches());
  ValueSet any;
  for (const ValueSet* branch : branches) {
    // Within what is allowed already, branches are smaller and fewer.
    HEARTH_ASSIGN(const ValueSet kept,
                  located(of.algebra().both(of.set, *branch), of.keywords.pointer(of.steps())));
    HEARTH_ASSIGN(any, located(of.algebra().either(any, kept), of.keywords.pointer(of.steps())));
  }
  of.set = std::move(any);
  return {};
}

/// Each branch without what is in the others.
Result<void> read_one_of(Combination& of) {
  HEARTH_ASSIGN(const std::vector<const ValueSet*> branches, of.branches());
  ValueSet one;
  for (size_t i = 0; i < branches.size(); ++i) {
    const std::string pointer = of.keywords.pointer(of.steps() + "/" + std::to_string(i));
    HEARTH_ASSIGN(ValueSet alone, located(of.algebra().both(of.set, *branches[i]), pointer));
    for (size_t j = 0; j < branches.size(); ++j) {
      if (j == i) continue;
      HEARTH_ASSIGN(alone, located(of.algebra().without(alone, *branches[j]), pointer));
    }
    HEARTH_ASSIGN(one, located(of.algebra().either(one, alone), pointer));
  }
  of.set = std::move(one);
  return {};
}

Result<void> read_not(Combination& of) {
  HEARTH_ASSIGN(const ValueSet* values, of.keywords.values(of.json, of.steps()));
  HEARTH_ASSIGN(of.set, located(of.algebra().without(of.set, *values), of.keywords.pointer(of.steps())));
  return {};
}

Result<void> read_if(Combination& of) {
  const Json* then = of.keywords.find("then");
  const Json* otherwise = of.keywords.find("else");
  if (then == nullptr && otherwise == nullptr) return {};
  const std::string pointer = of.keywords.pointer(of.steps());
  HEARTH_ASSIGN(const ValueSet* condition, of.keywords.values(of.json, of.steps()));
  HEARTH_ASSIGN(ValueSet met, located(of.algebra().both(of.set, *condition), pointer));
  HEARTH_ASSIGN(ValueSet unmet, located(of.algebra().without(of.set, *condition), pointer));
  if (then != nullptr) {
    HEARTH_ASSIGN(const ValueSet* values, of.keywords.values(*then, "/then"));
    HEARTH_ASSIGN(met, located(of.algebra().both(met, *values), pointer));
  }
  if (otherwise != nullptr) {
    HEARTH_ASSIGN(const ValueSet* values, of.keywords.values(*otherwise, "/else"));
    HEARTH_ASSIGN(unmet, located(of.algebra().both(unmet, *values), pointer));
  }
  HEARTH_ASSIGN(of.set, located(of.algebra().either(met, unmet), pointer));
  return {};
}

/// Where the property is there, `then` holds; where it is not, anything does.
Result<void> read_dependency(Combination& of, const std::string& property, const ValueSet& then) {
  ValueSet absent = ValueSet::any();
  absent.objects.front().properties.push_back({property, kNever, false, false});
  ValueSet present = ValueSet::none();
  present.objects.emplace_back().properties.push_back({property, kAny, true, false});
  const std::string pointer = of.keywords.pointer(of.steps() + pointer_step(property));
  HEARTH_ASSIGN(present, located(of.algebra().both(present, then), pointer));
  HEARTH_ASSIGN(const ValueSet allowed, located(of.algebra().either(absent, present), pointer));
  return of.restrict(allowed);
}

/// A list of names that must be there too, or a schema.
Result<void> read_dependencies(Combination& of) {
  if (!of.json.is_object()) return of.keywords.invalid(of.steps(), "here should be an object");
  for (const auto& [property, wanted] : of.json.items()) {
    const std::string steps = of.steps() + pointer_step(property);
    if (!wanted.is_array()) {
      HEARTH_ASSIGN(const ValueSet* then, of.keywords.values(wanted, steps));
      HEARTH_TRY(read_dependency(of, property, *then));
      continue;
    }
    ValueSet then = ValueSet::any();
    for (const Json& name : wanted) {
      if (!name.is_string()) return of.keywords.invalid(steps, "here should be a list of names");
      const std::string text = name.get<std::string>();
      if (then.objects.front().find(text) == nullptr) {
        then.objects.front().properties.push_back({text, kAny, true, false});
      }
    }
    HEARTH_TRY(read_dependency(of, property, then));
  }
  return {};
}

struct CombiningKeyword {
  std::string_view name;
  int first_draft;
  int last_draft;
  Result<void> (*read)(Combination&);
};

constexpr CombiningKeyword kCombining[] = {
    {"$ref", 4, 2020, read_reference},
    {"allOf", 4, 2020, read_all_of},
    {"anyOf", 4, 2020, read_any_of},
    {"oneOf", 4, 2020, read_one_of},
    {"not", 4, 2020, read_not},
    {"if", 7, 2020, read_if},
    {"dependencies", 4, 2020, read_dependencies},
    {"dependentRequired", 2019, 2020, read_dependencies},
    {"dependentSchemas", 2019, 2020, read_dependencies},
};

}  // namespace

Result<void> read_combination(const Keywords& keywords, std::string_view keyword, const Json& json,
                              ValueSet& set) {
  for (const CombiningKeyword& combining : kCombining) {
    if (combining.name != keyword || keywords.draft() < combining.first_draft ||
        keywords.draft() > combining.last_draft) {
      continue;
    }
    Combination combination{keywords, std::string(keyword), json, set};
    return combining.read(combination);
  }
  return {};
}

}  // namespace hearth::json_schema
