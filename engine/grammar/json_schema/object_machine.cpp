#include "engine/grammar/json_schema/object_machine.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace hearth::json_schema {
namespace {

constexpr size_t kMostMemberCounts = 6;

class ObjectMachine {
 public:
  ObjectMachine(const ObjectSet& object, const PossibleMembers& possible, Formulas& formulas,
                const Algebra::IsEmpty& is_empty, size_t most_in_any_order)
      : object_(object), properties_(possible.properties), formulas_(formulas), is_empty_(is_empty) {
    any_order_ = properties_.size() <= most_in_any_order && !is_record(possible);
    for (const MemberCount& count : object.counts) {
      bounds_.push_back({count.least, count.most});
      asked_.push_back(count.values);
    }
  }

  Result<Machine> run(const std::vector<KeyClass>& others) {
    if (bounds_.size() > kMostMemberCounts) return too_many_states();
    HEARTH_TRY(divide(others));
    keys_.number({false, 0, std::vector<uint64_t>(bounds_.size())});
    while (const Key* key = keys_.take()) {
      const Key from = *key;
      Machine::State state;
      state.started = std::get<0>(from);
      state.accepts = has_all_required(std::get<1>(from)) && enough(std::get<2>(from), bounds_);
      any_order_ ? add_in_any_order(from, state) : add_in_order(from, state);
      for (const Other& other : others_) add_others(from, other, state);
      machine_.states.push_back(std::move(state));
      if (keys_.too_many()) return too_many_states();
    }
    machine_.drop_dead_ends();
    return std::move(machine_);
  }

 private:
  /// Whether a member stands before; the next property or, in any order, the set of those that were there;
  /// the counts.
  using Key = std::tuple<bool, uint64_t, std::vector<uint64_t>>;

  /// Members that are no properties, alike in which counts their keys belong to.
  struct Other {
    RegularSet keys;
    FormulaId value;
    std::vector<size_t> changing;
  };

  static Error too_many_states() {
    return {ErrorCode::kUnsupported, "the members cannot be counted in " +
                                         std::to_string(kMostMachineStates) +
                                         " states; make the bounds smaller, or require properties instead"};
  }

  bool is_empty(FormulaId value) const { return is_empty_(value); }

  /// Those with keys of one kind are divided by the counts.
  Result<void> divide(const std::vector<KeyClass>& others) {
    for (const KeyClass& other : others) {
      std::vector<Other> parts = {{other.keys, other.value, {}}};
      for (size_t i = 0; i < object_.counts.size(); ++i) {
        std::vector<Other> divided;
        for (const Other& part : parts) {
          HEARTH_ASSIGN(RegularSet within, part.keys & object_.counts[i].keys);
          HEARTH_ASSIGN(RegularSet outside, part.keys - object_.counts[i].keys);
          if (!outside.empty()) divided.push_back({std::move(outside), part.value, part.changing});
          if (within.empty()) continue;
          if (object_.counts[i].least > 1) return keys_twice();
          Other& counted = divided.emplace_back(Other{std::move(within), part.value, part.changing});
          counted.changing.push_back(i);
        }
        parts = std::move(divided);
      }
      others_.insert(others_.end(), parts.begin(), parts.end());
    }
    return {};
  }

  static Error keys_twice() {
    return {ErrorCode::kUnsupported,
            "at least two members cannot be asked for where keys may be any: one could be written twice; "
            "require properties instead"};
  }

  bool has_all_required(uint64_t place) const {
    if (!any_order_) return place == properties_.size();
    for (size_t i = 0; i < properties_.size(); ++i) {
      if (properties_[i]->required && (place >> i & 1) == 0) return false;
    }
    return true;
  }

  std::vector<CountedWay> ways_of(const Property& property) {
    std::vector<size_t> changing;
    for (size_t i = 0; i < object_.counts.size(); ++i) {
      if (object_.counts[i].keys.has(property.name)) changing.push_back(i);
    }
    return counted_ways(property.value, changing, asked_, formulas_);
  }

  /// Moves that write the property, to the place after it.
  void add_property(const Key& from, const Property& property, uint64_t after, Machine::State& state) {
    for (const CountedWay& way : ways_of(property)) {
      const auto counts = counted_up(std::get<2>(from), way.counted, bounds_);
      if (!counts || is_empty(way.value)) continue;
      const size_t to = keys_.number({true, after, *counts});
      state.moves.push_back({machine_.member({property.name, std::nullopt, way.value}), false, to});
    }
  }

  void add_in_any_order(const Key& from, Machine::State& state) {
    const uint64_t written = std::get<1>(from);
    for (size_t i = 0; i < properties_.size(); ++i) {
      if ((written >> i & 1) == 0) add_property(from, *properties_[i], written | uint64_t{1} << i, state);
    }
  }

  void add_in_order(const Key& from, Machine::State& state) {
    const uint64_t place = std::get<1>(from);
    if (place == properties_.size()) return;
    add_property(from, *properties_[place], place + 1, state);
    if (properties_[place]->required) return;
    const size_t skipped = keys_.number({std::get<0>(from), place + 1, std::get<2>(from)});
    if (state.moves.size() == 1 && state.moves.front().to == skipped) {
      state.moves.front().may_be_left_out = true;
    } else {
      state.moves.push_back({std::nullopt, false, skipped});
    }
  }

  void add_others(const Key& from, const Other& other, Machine::State& state) {
    for (const CountedWay& way : counted_ways(other.value, other.changing, asked_, formulas_)) {
      const auto counts = counted_up(std::get<2>(from), way.counted, bounds_);
      if (!counts || is_empty(way.value)) continue;
      const size_t to = keys_.number({true, std::get<1>(from), *counts});
      state.moves.push_back({machine_.member({"", other.keys, way.value}), false, to});
    }
  }

  const ObjectSet& object_;
  const std::vector<const Property*>& properties_;
  Formulas& formulas_;
  const Algebra::IsEmpty& is_empty_;
  bool any_order_ = false;
  std::vector<CountBounds> bounds_;
  std::vector<FormulaId> asked_;
  std::vector<Other> others_;
  MachineKeys<Key> keys_;
  Machine machine_;
};

}  // namespace

Result<PossibleMembers> possible_members(const ObjectSet& object, const Algebra::IsEmpty& is_empty) {
  PossibleMembers possible;
  std::vector<std::string> names;
  for (const Property& property : object.properties) {
    names.push_back(property.name);
    if (property.value != kNever && (property.required || !is_empty(property.value))) {
      possible.properties.push_back(&property);
    }
  }
  const RegularSet named = RegularSet::any_of(names);
  for (const KeyClass& other : object.others) {
    if (other.value == kNever || is_empty(other.value)) continue;
    HEARTH_ASSIGN(RegularSet keys, other.keys - named);
    if (!keys.empty()) possible.others.push_back({std::move(keys), other.value});
  }
  return possible;
}

bool is_record(const PossibleMembers& members) {
  return members.properties.size() > 3 &&
         std::all_of(members.properties.begin(), members.properties.end(),
                     [](const Property* property) { return property->required && property->declared; });
}

Result<Machine> object_machine(const ObjectSet& object, Formulas& formulas, const Algebra::IsEmpty& is_empty,
                               size_t most_in_any_order) {
  HEARTH_ASSIGN(const PossibleMembers possible, possible_members(object, is_empty));
  return ObjectMachine(object, possible, formulas, is_empty, most_in_any_order).run(possible.others);
}

}  // namespace hearth::json_schema
