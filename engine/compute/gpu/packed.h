// What tools/gpu/pack.ts packs when Hearth is built: kernels, which repeat each other so much that they are
// stored as what does not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace hearth::gpu {

/// A number of bytes of seven bits, the lowest first, which are taken away from `from`.
size_t take_packed_number(std::span<const uint8_t>& from);

std::vector<uint8_t> unpack(std::span<const uint8_t> packed);

}  // namespace hearth::gpu
