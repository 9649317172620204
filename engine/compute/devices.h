// The devices that Hearth computes with, by name. One is a line of the table in devices.cpp and a folder
// beside this one; where a build lacks it, a folder that says so plainly takes its place (no_<device>).
#pragma once

#include <memory>
#include <string>

#include "engine/base/result.h"
#include "engine/compute/backend.h"
#include "engine/compute/gpu/runner.h"

namespace hearth {

struct DeviceOptions {
  std::string device = {};           // "": the CPU
  int threads = 0;                   // 0: default_thread_count()
  std::string instruction_set = {};  // "" for the best this machine has; "portable", "avx2", "avx512_vnni",
                                     // "neon_dot", "neon_i8mm" to force one
  gpu::MakeRunner make_gpu_runner = {};  // of the device "gpu"; empty: it is this machine's
  uint64_t gpu_memory = 0;               // bytes of a GPU's memory that may be taken; 0: what there is
};

/// INVALID_ARGUMENT if the device or the instruction set is unknown or this machine lacks it; OUT_OF_MEMORY
/// if the system lets fewer threads be started; UNSUPPORTED for a device that this build is without.
Result<std::unique_ptr<Backend>> make_backend(const DeviceOptions& options);

}  // namespace hearth
