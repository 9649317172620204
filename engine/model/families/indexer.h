// Reading what chooses the positions that rows look at (blocks/position_indexer.h), for the families that
// have it.
#pragma once

#include "engine/base/result.h"
#include "engine/model/families/hyperparameters.h"
#include "engine/model/spec.h"

namespace hearth::families {

/// Its heads, their size, and how much they choose.
Result<PositionIndexerSpec> read_indexer(const Hyperparameters& keys);

/// Has its first dimensions turn as those of attention do.
Result<void> turn_indexer(const Hyperparameters& keys, const RopeSpec& rope, PositionIndexerSpec& indexer);

/// What layers hand on for it, and how far the numbers of positions go.
Result<void> carry_chosen_positions(const Hyperparameters& keys, const PositionIndexerSpec& indexer,
                                    ModelSpec& spec);

}  // namespace hearth::families
