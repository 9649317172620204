// Operations by which a GPU's kernels are checked (self_check.h): for each kernel one that uses it, of the
// smallest shapes that do.
#pragma once

#include <functional>
#include <string_view>

#include "engine/compute/gpu/check_inputs.h"

namespace hearth::gpu {

using CheckedOperation = std::function<void(CheckInputs& inputs)>;

/// By the kernel's name with its options; empty where none is known.
CheckedOperation operation_of(std::string_view kernel);

}  // namespace hearth::gpu
