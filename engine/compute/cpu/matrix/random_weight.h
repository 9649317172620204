// Weights with random bits and sane scales, in any block type. Test and benchmark code only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <random>
#include <vector>

#include "engine/base/half.h"
#include "engine/compute/host.h"
#include "engine/format/block_type.h"
#include "engine/format/blocks.h"

namespace hearth::cpu {

struct RandomWeight {
  std::vector<std::byte> bytes;
  Weight weight;
};

/// Overwrites what random bits would make absurd: f16 scales get a value in [-1/16, 1/16].
inline void set_scales(BlockType type, std::byte* block, std::mt19937& random) {
  std::uniform_real_distribution<float> scale(-0.0625F, 0.0625F);
  const auto set_half = [&](size_t offset) {
    const uint16_t half = f32_to_f16(scale(random));
    std::memcpy(block + offset, &half, sizeof half);
  };
  switch (type) {
    case BlockType::kF32: {
      const float value = scale(random);
      std::memcpy(block, &value, sizeof value);
      break;
    }
    case BlockType::kF64: {
      const double value = scale(random);
      std::memcpy(block, &value, sizeof value);
      break;
    }
    case BlockType::kBF16: {
      const uint16_t value = f32_to_bf16(scale(random));
      std::memcpy(block, &value, sizeof value);
      break;
    }
    case BlockType::kQ8_K: {
      const float value = scale(random);
      std::memcpy(block + offsetof(BlockQ8_K, d), &value, sizeof value);
      break;
    }
    case BlockType::kMXFP4:
      block[offsetof(BlockMXFP4, e)] = static_cast<std::byte>(118 + random() % 8);
      break;
    case BlockType::kIQ1_M:
      // Its f16 is made of the top nibbles of four little-endian 16-bit scales, the highest nibble last: sign
      // 0, exponent 010xx.
      block[offsetof(BlockIQ1_M, scales) + 7] =
          (block[offsetof(BlockIQ1_M, scales) + 7] & std::byte{0x0F}) | std::byte{0x20};
      break;
    case BlockType::kQ4_1:
    case BlockType::kQ5_1:
    case BlockType::kQ8_1:
    case BlockType::kQ4_K:
    case BlockType::kQ5_K:
      set_half(0);
      set_half(2);
      break;
    case BlockType::kQ2_K:
      set_half(offsetof(BlockQ2_K, d));
      set_half(offsetof(BlockQ2_K, dmin));
      break;
    case BlockType::kQ3_K:
      set_half(offsetof(BlockQ3_K, d));
      break;
    case BlockType::kQ6_K:
      set_half(offsetof(BlockQ6_K, d));
      break;
    case BlockType::kTQ1_0:
      set_half(offsetof(BlockTQ1_0, d));
      break;
    case BlockType::kTQ2_0:
      set_half(offsetof(BlockTQ2_0, d));
      break;
    case BlockType::kI8:
    case BlockType::kI16:
    case BlockType::kI32:
    case BlockType::kI64:
      break;
    default:
      set_half(0);
  }
}

/// The bytes begin at an odd address, as a tensor in a file may.
inline RandomWeight random_weight(BlockType type, int64_t rows, int64_t columns, std::mt19937& random) {
  RandomWeight result;
  const BlockLayout& layout = block_layout(type);
  const uint64_t size = bytes_of(type, static_cast<uint64_t>(rows * columns));
  result.bytes.resize(size + 1);
  for (std::byte& byte : result.bytes) byte = static_cast<std::byte>(random() & 0xFF);
  std::byte* data = result.bytes.data() + 1;
  for (uint64_t offset = 0; offset < size; offset += layout.block_bytes) {
    set_scales(type, data + offset, random);
  }
  result.weight = {type, rows, columns, buffer_at(data)};
  return result;
}

}  // namespace hearth::cpu
