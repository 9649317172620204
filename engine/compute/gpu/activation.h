// An Activation as kernels take it (kernels/parts/activation/activation.wgsl).
#pragma once

#include <array>
#include <cstdint>

#include "engine/compute/backend.h"
#include "engine/compute/gpu/recorder.h"

namespace hearth::gpu {

/// The parameters activation, limit, alpha_n, alpha_p, beta and epsilon.
inline std::array<Parameter, 6> parameters_of(const Activation& activation) {
  const Activation::Xielu& xielu = activation.xielu;
  return {static_cast<uint32_t>(activation.kind),
          activation.limit,
          xielu.alpha_n,
          xielu.alpha_p,
          xielu.beta,
          xielu.epsilon};
}

}  // namespace hearth::gpu
