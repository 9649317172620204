// Layers that read the keys and values of an earlier layer, and have none of their own (Gemma 3n, Gemma 4).
#pragma once

#include <cstdint>

#include "engine/base/result.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {

/// Layers from `first_sharing` on read those of the last layer before it that slides as they do.
/// INVALID_MODEL where there is none, or its heads are others.
Result<void> share_keys_and_values(const Hyperparameters& keys, ModelSpec& spec, int32_t first_sharing);

}  // namespace hearth::families
