#include "engine/compute/cuda/driver.h"

#include <dlfcn.h>

namespace hearth::cuda {

Result<Driver> load_driver() {
  void* const library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);  // stays open for good
  if (library == nullptr) {
    return Error{
        ErrorCode::kUnsupported,
        "there is no CUDA here (libcuda.so.1 is missing); install NVIDIA's driver, or choose the device "
        "'gpu' or 'cpu'"};
  }
  Driver driver;
  const char* missing = nullptr;
#define HEARTH_LOAD(name, parameters)                                           \
  driver.name = reinterpret_cast<decltype(driver.name)>(dlsym(library, #name)); \
  if (driver.name == nullptr) missing = #name;
  HEARTH_CUDA_FUNCTIONS(HEARTH_LOAD)
#undef HEARTH_LOAD
  if (missing != nullptr) {
    return Error{ErrorCode::kUnsupported, std::string("NVIDIA's driver is older than CUDA 11.4 (it has no ") +
                                              missing + "); install a newer one, or choose the device 'cpu'"};
  }
  return driver;
}

}  // namespace hearth::cuda
