// This machine's GPU in Node.js: by way of libhearth_gpu (bindings/gpu), which users install beside the
// addon. What the engine asks for as the devices 'cuda', 'vulkan' and 'gpu' is opened there.
#pragma once

#include <napi.h>

namespace hearth::node {

// openGpuLibrary(path, "cuda" or "vulkan"): a promise of the name of the GPU that the library opens so. From
// then on models use that library. Rejected with UNSUPPORTED where it does not load, is of another version,
// or finds no GPU.
Napi::Value open_gpu_library(const Napi::CallbackInfo& info);

}  // namespace hearth::node
