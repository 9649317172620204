// Weights in the memory of this process, for devices that compute there, and at once: when a layer is let go,
// another may take its place.
#pragma once

#include <memory>

#include "engine/base/result.h"
#include "engine/compute/weights/weight_store.h"

namespace hearth {

/// Tensors stay where the source has them mapped, and are read into memory where it has not; a buffer's
/// handle is their address. With a memory limit, layers take turns (LayerStream) and experts come and go one
/// by one (ExpertCache), read into memory of the store's own; of a file past the system's cache.
///
/// OUT_OF_MEMORY naming the least that would do; INVALID_ARGUMENT for a limit on sources that are in memory
/// already.
Result<std::unique_ptr<WeightStore>> make_host_weights(const WeightPlan& plan);

}  // namespace hearth
