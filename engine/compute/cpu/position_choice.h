// Which positions a row attends to, where an indexer chooses them.
#pragma once

#include "engine/compute/backend.h"
#include "engine/compute/cpu/context.h"

namespace hearth::cpu {

/// Backend::choose_positions.
void choose_positions(Context& context, const KvPages& keys, const BatchRows& rows, Tensor q, Tensor weights,
                      const ChosenPositions& chosen);

}  // namespace hearth::cpu
