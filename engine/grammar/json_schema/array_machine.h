// Arrays whose items are counted.
#pragma once

#include "engine/grammar/json_schema/algebra.h"
#include "engine/grammar/json_schema/machine.h"

namespace hearth::json_schema {

/// UNSUPPORTED where it needs too many states. That items differ is not looked at.
Result<Machine> array_machine(const ArraySet& array, Formulas& formulas, const Algebra::IsEmpty& is_empty);

}  // namespace hearth::json_schema
