// Which experts a row goes through: of all devices that decide it on the host, and of what watches a device.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/compute/backend.h"

namespace hearth {

/// The numbers of the `used` best of `count` experts, best first; of equal ones the lower comes first. Scores
/// are those that experts are chosen by, a selection bias included. With groups only experts of the best
/// groups count, which must hold as many as are used.
std::vector<int32_t> choose_experts(const ExpertParameters& parameters, std::span<const float> scores);

}  // namespace hearth
