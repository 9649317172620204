#include "engine/compute/gpu/vulkan/kernels.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

namespace hearth::gpu::vulkan {
namespace {

/// Where a kernel's words lie among all.
struct SpirvPlace {
  std::string_view kernel;
  uint32_t operands;
  size_t first;
  size_t count;
};

#include "gpu_kernels.inc"

}  // namespace

Spirv spirv_of(std::string_view kernel) {
  const auto* const place = std::ranges::find(kPlaces, kernel, &SpirvPlace::kernel);
  if (place == std::end(kPlaces)) return {};
  return {std::span(kWords).subspan(place->first, place->count), place->operands};
}

}  // namespace hearth::gpu::vulkan
