// The kernels as SPIR-V, as they were made when Hearth was built (tools/gpu/spirv.ts).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace hearth::gpu::vulkan {

struct Spirv {
  std::span<const uint32_t> words;  // static lifetime
  uint32_t operands = 0;
};

/// Of all kernels: another one is another text.
uint64_t spirv_hash();

/// Without words where there is no such kernel.
Spirv spirv_of(std::string_view kernel);

}  // namespace hearth::gpu::vulkan
