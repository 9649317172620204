// The GPU that JavaScript brings.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include "engine/hearth_gpu.h"

namespace hearth::wasm {

/// By the host's functions. `properties` is JSON: GpuProperties of packages/gpu. What is returned stays until
/// the next call.
const hearth_gpu_runner& host_gpu(const nlohmann::ordered_json& properties);

}  // namespace hearth::wasm
