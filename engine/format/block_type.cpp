#include "engine/format/block_type.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "engine/format/blocks.h"

namespace hearth {
namespace {

using enum BlockType;

// In the order of the type numbers. Numbers that are missing belonged to layouts that ggml has withdrawn.
constexpr std::array kLayouts = {
    BlockLayout{kF32, "F32", 1, 4},
    BlockLayout{kF16, "F16", 1, 2},
    BlockLayout{kQ4_0, "Q4_0", 32, sizeof(BlockQ4_0)},
    BlockLayout{kQ4_1, "Q4_1", 32, sizeof(BlockQ4_1)},
    BlockLayout{kQ5_0, "Q5_0", 32, sizeof(BlockQ5_0)},
    BlockLayout{kQ5_1, "Q5_1", 32, sizeof(BlockQ5_1)},
    BlockLayout{kQ8_0, "Q8_0", 32, sizeof(BlockQ8_0)},
    BlockLayout{kQ8_1, "Q8_1", 32, sizeof(BlockQ8_1)},
    BlockLayout{kQ2_K, "Q2_K", kSuperBlock, sizeof(BlockQ2_K)},
    BlockLayout{kQ3_K, "Q3_K", kSuperBlock, sizeof(BlockQ3_K)},
    BlockLayout{kQ4_K, "Q4_K", kSuperBlock, sizeof(BlockQ4_K)},
    BlockLayout{kQ5_K, "Q5_K", kSuperBlock, sizeof(BlockQ5_K)},
    BlockLayout{kQ6_K, "Q6_K", kSuperBlock, sizeof(BlockQ6_K)},
    BlockLayout{kQ8_K, "Q8_K", kSuperBlock, sizeof(BlockQ8_K)},
    BlockLayout{kIQ2_XXS, "IQ2_XXS", kSuperBlock, sizeof(BlockIQ2_XXS)},
    BlockLayout{kIQ2_XS, "IQ2_XS", kSuperBlock, sizeof(BlockIQ2_XS)},
    BlockLayout{kIQ3_XXS, "IQ3_XXS", kSuperBlock, sizeof(BlockIQ3_XXS)},
    BlockLayout{kIQ1_S, "IQ1_S", kSuperBlock, sizeof(BlockIQ1_S)},
    BlockLayout{kIQ4_NL, "IQ4_NL", 32, sizeof(BlockIQ4_NL)},
    BlockLayout{kIQ3_S, "IQ3_S", kSuperBlock, sizeof(BlockIQ3_S)},
    BlockLayout{kIQ2_S, "IQ2_S", kSuperBlock, sizeof(BlockIQ2_S)},
    BlockLayout{kIQ4_XS, "IQ4_XS", kSuperBlock, sizeof(BlockIQ4_XS)},
    BlockLayout{kI8, "I8", 1, 1},
    BlockLayout{kI16, "I16", 1, 2},
    BlockLayout{kI32, "I32", 1, 4},
    BlockLayout{kI64, "I64", 1, 8},
    BlockLayout{kF64, "F64", 1, 8},
    BlockLayout{kIQ1_M, "IQ1_M", kSuperBlock, sizeof(BlockIQ1_M)},
    BlockLayout{kBF16, "BF16", 1, 2},
    BlockLayout{kTQ1_0, "TQ1_0", kSuperBlock, sizeof(BlockTQ1_0)},
    BlockLayout{kTQ2_0, "TQ2_0", kSuperBlock, sizeof(BlockTQ2_0)},
    BlockLayout{kMXFP4, "MXFP4", 32, sizeof(BlockMXFP4)},
};

constexpr size_t kTypeNumbers = static_cast<size_t>(kMXFP4) + 1;

// Position in kLayouts by type number; kLayouts.size() where there is no such type.
constexpr std::array<uint8_t, kTypeNumbers> kPositions = [] {
  std::array<uint8_t, kTypeNumbers> positions{};
  positions.fill(kLayouts.size());
  for (size_t i = 0; i < kLayouts.size(); ++i) positions[static_cast<size_t>(kLayouts[i].type)] = i;
  return positions;
}();

bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](unsigned char x, unsigned char y) { return std::toupper(x) == std::toupper(y); });
}

}  // namespace

std::optional<BlockLayout> find_block_layout(uint32_t type_number) {
  if (type_number >= kTypeNumbers || kPositions[type_number] == kLayouts.size()) return std::nullopt;
  return kLayouts[kPositions[type_number]];
}

const BlockLayout& block_layout(BlockType type) { return kLayouts[kPositions[static_cast<size_t>(type)]]; }

std::span<const BlockLayout> all_block_layouts() { return kLayouts; }

std::optional<BlockType> find_block_type(std::string_view name) {
  for (const BlockLayout& layout : kLayouts) {
    if (equal_ignoring_case(layout.name, name)) return layout.type;
  }
  return std::nullopt;
}

}  // namespace hearth
