// What self-checks have found right of drivers, for as long as this process lives. From any thread.
#pragma once

#include <string>
#include <string_view>

namespace hearth::gpu {

/// Whether an operation was computed right before, and need not be checked again.
bool was_right(std::string_view driver, const std::string& operation);
void note_right(std::string_view driver, const std::string& operation);

}  // namespace hearth::gpu
