#include "engine/compute/cuda/host/device.h"

namespace hearth::cuda::host {

Result<std::unique_ptr<Backend>> make_backend(const DeviceOptions& /*options*/) {
  return Error{
      ErrorCode::kUnsupported,
      "this build of Hearth is without the device 'cuda-host', which is there for tests; choose the device "
      "'cpu', or build with -DHEARTH_REFERENCE_DEVICE=ON and -DHEARTH_CUDA=ON"};
}

}  // namespace hearth::cuda::host
