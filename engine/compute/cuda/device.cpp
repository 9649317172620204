#include "engine/compute/cuda/device.h"

#include "engine/compute/cuda/driver.h"
#include "engine/compute/cuda/runner.h"

namespace hearth::cuda {

Result<std::unique_ptr<gpu::Runner>> make_runner() {
  HEARTH_ASSIGN(const Driver driver, load_driver());
  return CudaRunner::make(driver);
}

}  // namespace hearth::cuda
