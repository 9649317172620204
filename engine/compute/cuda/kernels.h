// The kernels that this build has for CUDA: PTX, made of those in WGSL (tools/gpu/cuda.ts, tools/gpu/ptx.ts).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace hearth::cuda {

/// Where a kernel's PTX lies among that of all.
struct KernelPlace {
  std::string_view name;   // "norm/kind=rms", as recorders ask for it
  const char* identifier;  // as PTX has it
  uint32_t threads;        // of a group
  size_t first;            // byte of what is unpacked; a zero ends the text
};

/// As they were made when Hearth was built.
struct PackedKernels {
  std::span<const uint8_t> packed;  // gpu/packed.h
  std::span<const KernelPlace> places;
  const char* hash;  // of their text
};
PackedKernels packed_kernels();

/// The text of a module that has one kernel; of static lifetime.
const char* ptx_of(const KernelPlace& kernel);

}  // namespace hearth::cuda
