// Weights in the memory of a device that is not this process's.
#pragma once

#include <memory>

#include "engine/base/result.h"
#include "engine/compute/weights/weight_store.h"

namespace hearth {

class Backend;

/// Every tensor is copied to the backend, which must outlive the store, and stays there. OUT_OF_MEMORY where
/// the plan's memory limit is below what they take.
Result<std::unique_ptr<WeightStore>> make_device_weights(Backend& backend, const WeightPlan& plan);

}  // namespace hearth
