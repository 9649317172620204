#include "engine/compute/gpu/vulkan/kernels.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <vector>

#include "engine/compute/gpu/packed.h"
#include "engine/text/text_hash.h"

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

std::vector<uint32_t> words_of_all() {
  const std::vector<uint8_t> bytes = unpack(kPacked);
  std::vector<uint32_t> words;
  for (std::span<const uint8_t> left = bytes; !left.empty();)
    words.push_back(static_cast<uint32_t>(take_packed_number(left)));
  return words;
}

}  // namespace

uint64_t spirv_hash() {
  static const uint64_t hash = hash_text({reinterpret_cast<const char*>(kPacked), sizeof kPacked}, 0);
  return hash;
}

Spirv spirv_of(std::string_view kernel) {
  const auto* const place = std::ranges::find(kPlaces, kernel, &SpirvPlace::kernel);
  if (place == std::end(kPlaces)) return {};
  static const std::vector<uint32_t> words = words_of_all();
  return {std::span(words).subspan(place->first, place->count), place->operands};
}

}  // namespace hearth::gpu::vulkan
