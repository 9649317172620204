// Sets of JSON values, apart by type: numbers and strings as sets of texts; arrays and objects as
// alternatives, each of which says what their members keep to.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.h"
#include "engine/grammar/json_schema/formula.h"
#include "engine/grammar/regular_set.h"

namespace hearth::json_schema {

/// The strings of a set whose lengths are within bounds, which are no part of the automaton until they must.
struct StringSet {
  RegularSet texts = RegularSet::all();
  uint64_t least = 0;
  std::optional<uint64_t> most;
  bool operator==(const StringSet&) const = default;
};

/// So many of the items from a position on keep to a formula.
struct ItemCount {
  uint64_t from;
  FormulaId items;
  uint64_t least;
  std::optional<uint64_t> most;
  bool operator==(const ItemCount&) const = default;
};

struct ArraySet {
  std::vector<FormulaId> first;  // the first items, one by one
  FormulaId rest = kAny;         // the others
  uint64_t least = 0;            // items in all
  std::optional<uint64_t> most;
  std::vector<ItemCount> counts;
  std::string unique;  // where uniqueItems stands in the schema; empty: items may be alike
  bool operator==(const ArraySet&) const = default;
};

struct Property {
  std::string name;
  FormulaId value = kAny;  // kNever: it may not be there
  bool required = false;
  bool declared = false;  // among `properties`, whose order it keeps
  bool operator==(const Property&) const = default;
};

/// The keys of a set that are no property's name, and what their values keep to.
struct KeyClass {
  RegularSet keys;
  FormulaId value;
  bool operator==(const KeyClass&) const = default;
};

/// So many members whose keys are in a set, properties included, have values that keep to a formula.
struct MemberCount {
  RegularSet keys;
  FormulaId values;
  uint64_t least;
  std::optional<uint64_t> most;
  bool operator==(const MemberCount&) const = default;
};

struct ObjectSet {
  std::vector<Property> properties;
  std::vector<KeyClass> others = {{RegularSet::all(), kAny}};  // disjoint; every key is in one of them
  std::vector<MemberCount> counts;
  bool operator==(const ObjectSet&) const = default;

  /// Nothing where the name is none of a property's.
  const Property* find(const std::string& name) const;
  /// What the value of this key keeps to.
  FormulaId value_of(const std::string& key) const;
};

struct ValueSet {
  bool null = false;
  bool truth = false;
  bool falsehood = false;
  RegularSet numbers;
  bool near_bounds = false;  // whether numbers go right up to a bound that is not theirs
  StringSet strings = {RegularSet(), 0, std::nullopt};
  std::vector<ArraySet> arrays;
  std::vector<ObjectSet> objects;
  bool operator==(const ValueSet&) const = default;

  static ValueSet none() { return {}; }
  static ValueSet any();
  /// UNSUPPORTED for numbers of too many digits.
  static Result<ValueSet> constant(const nlohmann::ordered_json& value, Formulas& formulas);
};

}  // namespace hearth::json_schema
