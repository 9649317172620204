// A driver for CudaRunner whose device is the processor: memory is the program's own, and kernels are C++
// made of the same text as their PTX. Like a real one it does things later than it is asked for them. For
// tests only.
#pragma once

#include "engine/compute/cuda/driver.h"

namespace hearth::cuda::host {

const Driver& driver();

}  // namespace hearth::cuda::host
