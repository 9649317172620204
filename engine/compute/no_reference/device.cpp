#include "engine/compute/reference/device.h"

namespace hearth::reference {

Result<std::unique_ptr<Backend>> make_backend(const DeviceOptions& /*options*/) {
  return Error{
      ErrorCode::kUnsupported,
      "this build of Hearth is without the device 'reference', which is there for tests; choose the device "
      "'cpu', or build with -DHEARTH_REFERENCE_DEVICE=ON"};
}

}  // namespace hearth::reference
