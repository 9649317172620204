// Objects: the order of their properties, what may stand between them, and members that are counted.
#pragma once

#include "engine/grammar/json_schema/algebra.h"
#include "engine/grammar/json_schema/machine.h"

namespace hearth::json_schema {

/// The members that an object can have.
struct PossibleMembers {
  std::vector<const Property*> properties;
  std::vector<KeyClass> others;  // without the properties' names
};
Result<PossibleMembers> possible_members(const ObjectSet& object, const Algebra::IsEmpty& is_empty);

/// Whether all properties must be there, more than three: programs write and models learn such objects in one
/// order, and where that is kept the model need not be asked for any key.
bool is_record(const PossibleMembers& members);

/// Where there are at most `most_in_any_order` properties, and the object is no record, they may come in any
/// order; else in the schema's, with other members anywhere. UNSUPPORTED where it needs too many states, or
/// where members were to be counted whose keys could be written twice.
Result<Machine> object_machine(const ObjectSet& object, Formulas& formulas, const Algebra::IsEmpty& is_empty,
                               size_t most_in_any_order);

}  // namespace hearth::json_schema
