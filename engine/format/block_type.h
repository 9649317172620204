// The element types a GGUF tensor can have: their numbers in the file, names and layouts.
//
// A tensor's row is cut into blocks of `block_size` elements, each stored in `block_bytes` bytes.
// Numbers and layouts: the GGUF specification and ggml
// (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace hearth {

enum class BlockType : uint32_t {
  kF32 = 0,
  kF16 = 1,
  kQ4_0 = 2,
  kQ4_1 = 3,
  kQ5_0 = 6,
  kQ5_1 = 7,
  kQ8_0 = 8,
  kQ8_1 = 9,
  kQ2_K = 10,
  kQ3_K = 11,
  kQ4_K = 12,
  kQ5_K = 13,
  kQ6_K = 14,
  kQ8_K = 15,
  kIQ2_XXS = 16,
  kIQ2_XS = 17,
  kIQ3_XXS = 18,
  kIQ1_S = 19,
  kIQ4_NL = 20,
  kIQ3_S = 21,
  kIQ2_S = 22,
  kIQ4_XS = 23,
  kI8 = 24,
  kI16 = 25,
  kI32 = 26,
  kI64 = 27,
  kF64 = 28,
  kIQ1_M = 29,
  kBF16 = 30,
  kTQ1_0 = 34,
  kTQ2_0 = 35,
  kMXFP4 = 39,
};

struct BlockLayout {
  BlockType type;
  std::string_view name;  // as ggml spells it: "Q4_K", "IQ2_XXS"
  uint32_t block_size;    // elements
  uint32_t block_bytes;
};

/// The layout of a type number read from a file; nullopt if there is no such type.
std::optional<BlockLayout> find_block_layout(uint32_t type_number);

/// The layout of a known type.
const BlockLayout& block_layout(BlockType type);

/// Every type, in the order of their numbers.
std::span<const BlockLayout> all_block_layouts();

/// The type of that name, whatever its case; nullopt if there is none.
std::optional<BlockType> find_block_type(std::string_view name);

/// Bytes of `elements` elements, which must be a multiple of the type's block size.
inline uint64_t bytes_of(BlockType type, uint64_t elements) {
  const BlockLayout& layout = block_layout(type);
  return elements / layout.block_size * layout.block_bytes;
}

}  // namespace hearth
