// The IQ types' blocks taken apart: see decode_blocks-inl.h, after which this is included.
//
// Their sub-blocks of 32 are four groups of 8 elements, each one or two points of a grid (iq_grids.h).
namespace hearth::cpu {
namespace {

/// Eight bytes of one value.
constexpr uint64_t in_every_byte(uint8_t value) { return value * 0x0101010101010101U; }

/// A grid's magnitudes, none of them 0, element j negative where bit j of `signs` is set. Eight bytes are
/// taken at once, as one number: no sum of two bytes here carries into the next.
inline void decode_point(uint64_t magnitudes, uint32_t signs, int8_t* values) {
  // Bit j of byte j, then 1 in each byte that has its bit, then all bits of it.
  const uint64_t bits = in_every_byte(static_cast<uint8_t>(signs)) & 0x8040201008040201U;
  const uint64_t ones = (bits + in_every_byte(0x7F)) >> 7 & in_every_byte(1);
  const uint64_t with_signs = (magnitudes ^ ones * 0xFF) + ones;
  std::memcpy(values, &with_signs, sizeof with_signs);
}

inline void decode_points(uint32_t first, uint32_t second, uint32_t signs, int8_t* values) {
  decode_point(first | uint64_t{second} << 32, signs, values);
}

inline uint32_t load_u32(const void* bytes) {
  uint32_t value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

/// A 4-bit scale of IQ2 types: odd multiples of d / 8.
inline float iq2_scale(float d, uint32_t nibble) { return d * (0.5F + static_cast<float>(nibble)) * 0.25F; }

/// Sixteen such scales, two to a byte.
template <class Block>
inline void decode_iq2_scales(const Block& block, float* scales) {
  const float d = f16_to_f32(block.d);
  for (int j = 0; j < 16; ++j) scales[j] = iq2_scale(d, block.scales[j / 2] >> j % 2 * 4 & 15);
}

template <>
struct Decoder<BlockType::kIQ2_XXS> : Shape<BlockIQ2_XXS, 256, 32, false> {
  static const uint8_t* codes_of(const Block& block, int j) {
    return reinterpret_cast<const uint8_t*>(&block) + offsetof(Block, qs) + 8 * j;
  }
  static void decode(const Block& block, Decoded to) {
    const float d = f16_to_f32(block.d);
    for (int j = 0; j < 8; ++j) {
      const uint8_t* const codes = codes_of(block, j);
      const uint32_t signs = load_u32(codes + 4);
      to.scales[j] = iq2_scale(d, signs >> 28);
      for (int group = 0; group < 4; ++group) {
        decode_point(kIq2XxsGrid[codes[group]], signs_with_even_parity(signs >> 7 * group & 127),
                     to.values + 32 * j + 8 * group);
      }
    }
  }
};

template <>
struct Decoder<BlockType::kIQ2_XS> : Shape<BlockIQ2_XS, 256, 16, false> {
  static void decode(const Block& block, Decoded to) {
    decode_iq2_scales(block, to.scales);
    for (int group = 0; group < 32; ++group) {
      const uint32_t code = block.qs[group];
      decode_point(kIq2XsGrid[code & 511], signs_with_even_parity(code >> 9), to.values + 8 * group);
    }
  }
};

template <>
struct Decoder<BlockType::kIQ2_S> : Shape<BlockIQ2_S, 256, 16, false> {
  static void decode(const Block& block, Decoded to) {
    decode_iq2_scales(block, to.scales);
    for (int group = 0; group < 32; ++group) {
      const int high = block.qh[group / 4] >> group % 4 * 2 & 3;
      decode_point(kIq2SGrid[static_cast<size_t>(block.qs[group] | high << 8)], block.qs[32 + group],
                   to.values + 8 * group);
    }
  }
};

template <>
struct Decoder<BlockType::kIQ3_XXS> : Shape<BlockIQ3_XXS, 256, 32, false> {
  static void decode(const Block& block, Decoded to) {
    const float d = f16_to_f32(block.d);
    for (int j = 0; j < 8; ++j) {
      const uint32_t signs = load_u32(block.qs + 64 + 4 * j);
      to.scales[j] = d * (0.5F + static_cast<float>(signs >> 28)) * 0.5F;
      for (int group = 0; group < 4; ++group) {
        const uint8_t* indices = block.qs + 8 * j + 2 * group;
        decode_points(kIq3XxsGrid[indices[0]], kIq3XxsGrid[indices[1]],
                      signs_with_even_parity(signs >> 7 * group & 127), to.values + 32 * j + 8 * group);
      }
    }
  }
};

template <>
struct Decoder<BlockType::kIQ3_S> : Shape<BlockIQ3_S, 256, 32, false> {
  static void decode(const Block& block, Decoded to) {
    const float d = f16_to_f32(block.d);
    for (int j = 0; j < 8; ++j) {
      to.scales[j] = d * static_cast<float>(1 + 2 * (block.scales[j / 2] >> j % 2 * 4 & 15));
    }
    for (int group = 0; group < 32; ++group) {
      const uint32_t high = static_cast<uint32_t>(block.qh[group / 4]) >> group % 4 * 2;
      decode_points(kIq3SGrid[block.qs[2 * group] | (high & 1) << 8],
                    kIq3SGrid[block.qs[2 * group + 1] | (high >> 1 & 1) << 8], block.signs[group],
                    to.values + 8 * group);
    }
  }
};

/// IQ1 moves a group by an eighth up or down: eight times the values are whole numbers. Of its elements -1, 0
/// and 1, eight bytes at once.
inline void decode_iq1_point(uint64_t point, bool down, int8_t* values) {
  const uint64_t eightfold = point << 3 & in_every_byte(0xF8);
  // The highest bits keep one byte's borrow from the next; those that were not set are turned back.
  const uint64_t highest = in_every_byte(0x80);
  const uint64_t lower = ((eightfold | highest) - in_every_byte(1)) ^ (~eightfold & highest);
  const uint64_t moved = down ? lower : eightfold | in_every_byte(1);
  std::memcpy(values, &moved, sizeof moved);
}
static_assert(kIq1Delta == 0.125F);

template <>
struct Decoder<BlockType::kIQ1_S> : Shape<BlockIQ1_S, 256, 32, false> {
  static void decode(const Block& block, Decoded to) {
    const float d = f16_to_f32(block.d);
    for (int j = 0; j < 8; ++j) {
      const uint32_t high = block.qh[j];
      to.scales[j] = d * static_cast<float>(2 * (high >> 12 & 7) + 1) * kIq1Delta;
      for (int group = 0; group < 4; ++group) {
        const uint32_t index = block.qs[4 * j + group] | (high >> 3 * group & 7) << 8;
        decode_iq1_point(kIq1Grid[index], (high & 0x8000) != 0, to.values + 32 * j + 8 * group);
      }
    }
  }
};

template <>
struct Decoder<BlockType::kIQ1_M> : Shape<BlockIQ1_M, 256, 16, false> {
  static void decode(const Block& block, Decoded to) {
    // Four 16-bit words: four times three bits of scale, and on top a quarter of the block's f16 scale.
    uint16_t words[4];
    std::memcpy(words, block.scales, sizeof words);
    const float d = f16_to_f32(static_cast<uint16_t>(words[0] >> 12 | words[1] >> 12 << 4 |
                                                     words[2] >> 12 << 8 | words[3] >> 12 << 12));
    for (int group = 0; group < 32; ++group) {
      const uint32_t high = static_cast<uint32_t>(block.qh[group / 2]) >> group % 2 * 4;
      decode_iq1_point(kIq1Grid[block.qs[group] | (high & 7) << 8], (high & 8) != 0, to.values + 8 * group);
    }
    for (int j = 0; j < 16; ++j) {
      to.scales[j] = d * static_cast<float>(2 * (words[j / 4] >> j % 4 * 3 & 7) + 1) * kIq1Delta;
    }
  }
};

template <>
struct Decoder<BlockType::kIQ4_XS> : Shape<BlockIQ4_XS, 256, 32, false> {
  static void decode(const Block& block, Decoded to) {
    const float d = f16_to_f32(block.d);
    for (int j = 0; j < 8; ++j) {
      decode_levels(block.qs + 16 * j, kIq4Levels.data(), to.values + 32 * j);
      to.scales[j] = d * static_cast<float>(get_iq4_xs_scale(block.scales_l, block.scales_h, j));
    }
  }
};

}  // namespace
}  // namespace hearth::cpu
