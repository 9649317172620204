// The threads of a group, played by a host: one after the other where they have nothing to do with each
// other, else as fibres that go on where all have come to the same place. Kernels include it
// (language/host.h), so that it knows nothing of the engine. For tests only.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace hearth {

/// A kernel by its identifier: runs one group, with arguments as cuLaunchKernel has them.
struct HostKernel {
  const char* identifier;
  void (*run_group)(void** arguments);
  size_t parameter_bytes;  // of the first argument
  uint32_t pointers;       // that are the others
};

namespace cuda::host {

inline constexpr uint32_t kWarpThreads = 32;
/// The bytes of memory that nobody has written: words of them are no number, and no index either.
inline constexpr int kPoison = 0xFF;

/// Where the thread is that runs.
struct Place {
  uint32_t thread = 0;
  std::array<uint32_t, 3> group{};
  std::array<uint32_t, 3> groups{};
};
Place& place();

/// Runs `body(closure)` as each of so many threads of a group.
void run_together(uint32_t threads, void (*body)(const void* closure), const void* closure);

// For threads that run together.
void wait_for_group();
uint32_t from_lane(uint32_t value, uint32_t lane);

/// A group begins: its shared memory is anew.
void begin_group(std::array<uint32_t, 3> group, std::array<uint32_t, 3> groups);
/// Memory of the group for one more variable, full of what is no number: kernels may not count on zeros.
void* shared_memory(size_t bytes);

}  // namespace cuda::host
}  // namespace hearth
