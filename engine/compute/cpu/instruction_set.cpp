#include "engine/compute/cpu/instruction_set.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "engine/base/cpu_features.h"

namespace hearth::cpu {

Result<std::string_view> choose_instruction_set(std::string_view wanted) {
  const auto supported = supported_instruction_sets();
  if (wanted.empty()) return supported.front();
  const auto found = std::ranges::find(supported, wanted);
  if (found != supported.end()) return *found;
  return Error{ErrorCode::kInvalidArgument,
               fmt::format("no instruction set \"{}\" on this machine; there are: {}", wanted,
                           fmt::join(supported, ", "))};
}

}  // namespace hearth::cpu
