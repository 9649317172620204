#include "engine/compute/gpu/vulkan/kernels.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <iterator>
#include <vector>

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

/// A number of bytes of seven bits, the lowest first (tools/gpu/pack.ts).
size_t take_number(const uint8_t*& at) {
  size_t number = 0;
  for (int shift = 0;; shift += 7) {
    const uint8_t byte = *at++;
    number |= static_cast<size_t>(byte & 127) << shift;
    if (byte < 128) return number;
  }
}

/// The words of all kernels, which repeat each other so much that they are stored as what does not.
std::vector<uint32_t> unpacked() {
  std::vector<uint8_t> bytes;
  for (const uint8_t* at = kPacked;;) {
    const size_t count = take_number(at);
    bytes.insert(bytes.end(), at, at + count);
    at += count;
    if (at == std::end(kPacked)) break;
    const size_t length = take_number(at);
    const size_t distance = take_number(at);
    // One by one, as what is copied may go on into itself.
    for (size_t i = 0; i < length; ++i) bytes.push_back(bytes[bytes.size() - distance]);
  }
  std::vector<uint32_t> words(bytes.size() / sizeof(uint32_t));
  std::memcpy(words.data(), bytes.data(), bytes.size());
  return words;
}

}  // namespace

Spirv spirv_of(std::string_view kernel) {
  const auto* const place = std::ranges::find(kPlaces, kernel, &SpirvPlace::kernel);
  if (place == std::end(kPlaces)) return {};
  static const std::vector<uint32_t> words = unpacked();
  return {std::span(words).subspan(place->first, place->count), place->operands};
}

}  // namespace hearth::gpu::vulkan
