// What self-checks have found out of drivers, for as long as this process lives. From any thread.
#pragma once

#include <string>
#include <string_view>

namespace hearth::gpu {

/// Whether its quick kernels gave wrong results: then the plain ones, without halves, subgroups and packed
/// dot products, are used.
bool wants_plain_kernels(std::string_view driver);
void use_plain_kernels(std::string_view driver);

/// Whether an operation was computed right before, and need not be tested again.
bool was_right(std::string_view driver, const std::string& operation);
void note_right(std::string_view driver, const std::string& operation);

}  // namespace hearth::gpu
