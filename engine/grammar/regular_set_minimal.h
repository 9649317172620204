// The smallest deterministic automaton that accepts the same texts.
#pragma once

#include <vector>

#include "engine/grammar/regular_set.h"

namespace hearth {

/// In the order in which states are reached; of no text, one state that accepts nothing.
std::vector<RegularSet::State> minimal_states(std::vector<RegularSet::State> states);

}  // namespace hearth
