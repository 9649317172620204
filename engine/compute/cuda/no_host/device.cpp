#include "engine/compute/cuda/host/device.h"

namespace hearth::cuda::host {

Result<std::unique_ptr<Backend>> make_backend(const DeviceOptions& /*options*/) {
  return Error{ErrorCode::kUnsupported,
               "the device 'cuda-host' is there in the tests of kernels alone (hearth_compute_test); choose "
               "the device "
               "'gpu' or 'cpu'"};
}

}  // namespace hearth::cuda::host
