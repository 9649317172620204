#include "engine/compute/cuda/device.h"

namespace hearth::cuda {

Result<std::unique_ptr<gpu::Runner>> make_runner() {
  return Error{ErrorCode::kUnsupported,
               "this build of Hearth is without CUDA; choose the device 'gpu' or 'cpu', or build with "
               "-DHEARTH_CUDA=ON"};
}

}  // namespace hearth::cuda
