// Weights in the memory of a device that is not this process's: for good, or layers of them by turns.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "engine/base/result.h"
#include "engine/compute/weights/weight_store.h"

namespace hearth {

class Backend;

/// Every tensor is copied to the backend, which must outlive the store, and stays there. The plan's memory
/// limit is for this process's memory, through which pieces of them pass.
///
/// With a layer room, as many layers stay as it holds beside a place for one; the others take turns in that,
/// copied from their source when they are leased, all of a layer's experts among them. One place is enough
/// for a device that computes later: what is written comes behind the operations so far, so that the next
/// layer is read and on its way while the device computes one. OUT_OF_MEMORY where the room holds no place.
///
/// `allocate`: memory for a tensor of so many bytes, and so many undivided (StoredTensor), where the backend
/// has more ways than Backend::allocate.
using AllocateTensor = std::function<Result<Buffer>(uint64_t bytes, uint64_t undivided)>;
Result<std::unique_ptr<WeightStore>> make_device_weights(Backend& backend, const WeightPlan& plan,
                                                         AllocateTensor allocate = nullptr);

/// The plan for those from a layer on. If there are layers before, these are computed elsewhere, and rows of
/// tables are looked up there.
WeightPlan plan_from_layer(WeightPlan plan, int32_t first);

/// Bytes of the place for layers that take turns.
uint64_t place_bytes(const WeightPlan& plan);
/// For each layer, whether it stays on the device. The layer room holds a place at least.
std::vector<bool> layers_that_stay(const WeightPlan& plan);

}  // namespace hearth
