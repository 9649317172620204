// Which instruction set's kernels are taken.
#pragma once

#include <string_view>

#include "engine/base/result.h"

namespace hearth::cpu {

/// The name that was asked for, or with "" the best that this machine runs (engine/base/cpu_features.h).
/// INVALID_ARGUMENT naming those there are when it is unknown or the machine lacks it.
Result<std::string_view> choose_instruction_set(std::string_view wanted);

}  // namespace hearth::cpu
