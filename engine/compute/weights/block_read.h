// How bytes of a source are read in the blocks that it is fastest in.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/base/byte_source.h"

namespace hearth {

/// From the beginning of a block to the end of one, as far as the source goes, and where the bytes that are
/// wanted will be among those.
struct BlockRead {
  uint64_t offset;
  std::span<std::byte> into;
  std::byte* wanted;
};

/// What it takes in memory beyond the bytes that are wanted: blocks of which those are only a part, at either
/// end, and what is left free to begin at a multiple of a block.
inline uint64_t block_padding(const ByteSource& source) { return 3 * (source.block() - 1); }

/// Of `size` bytes from `offset`, to memory that has as many and the padding.
inline BlockRead in_blocks(const ByteSource& source, uint64_t offset, uint64_t size, std::byte* memory) {
  const uint64_t block = source.block();
  const uint64_t first = offset / block * block;
  const uint64_t end = std::min(source.size(), (offset + size + block - 1) / block * block);
  std::byte* const begin = memory + (block - reinterpret_cast<uintptr_t>(memory) % block) % block;
  return {first, {begin, static_cast<size_t>(end - first)}, begin + (offset - first)};
}

}  // namespace hearth
