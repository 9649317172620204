// Objects: the order of their properties, what may stand between them, and members that are counted.
#pragma once

#include "engine/grammar/json_schema/algebra.h"
#include "engine/grammar/json_schema/machine.h"

namespace hearth::json_schema {

/// Where there are at most `most_in_any_order` properties, not all of them required, they may come in any
/// order; else in the schema's, with other members anywhere. UNSUPPORTED where it needs too many states, or
/// where members were to be counted whose keys could be written twice.
Result<Machine> object_machine(const ObjectSet& object, Formulas& formulas, const Algebra::IsEmpty& is_empty,
                               size_t most_in_any_order);

}  // namespace hearth::json_schema
