// How long a device's kernels took.
#pragma once

#include <cstdint>
#include <string>

namespace hearth {

/// What a kernel took while it was profiled.
struct KernelTime {
  std::string kernel;
  uint64_t calls = 0;
  double seconds = 0.0;
};

}  // namespace hearth
