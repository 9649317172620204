//! use weights/coded
//! use weights/iq4_levels
const RUN = 4u;
const HAS_MINIMUM = false;
fn coded_at(row: u32, eighth: u32) -> Coded {
  let block = row + (eighth >> 5u) * 136u;
  let sub_block = (eighth & 31u) >> 2u;
  let low = (weights_aligned_word(block + 4u) >> (4u * sub_block)) & 15u;
  let high = (weights_short(block + 2u) >> (2u * sub_block)) & 3u;
  let scale = weights_half(block) * (f32(low | (high << 4u)) - 32.0);
  let codes = nibbles(weights_aligned_words(block + 8u + 16u * sub_block + 8u * (eighth & 1u)), (eighth >> 1u) & 1u);
  return Coded(levels(codes), scale, 0.0);
}
