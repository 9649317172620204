//! use weights/coded
//! use weights/k_scales
const RUN = 4u;
const HAS_MINIMUM = true;
fn coded_at(row: u32, eighth: u32) -> Coded {
  let block = row + (eighth >> 5u) * 176u;
  let of_block = eighth & 31u;
  let scale = scale_and_minimum(block, of_block >> 2u);
  let high = weights_aligned_words(block + 16u + (of_block & 3u) * 8u) >> vec2u(of_block >> 2u);
  let codes = nibbles_of_super_block(block + 48u, of_block) | ((high & vec2u(0x01010101u)) << vec2u(4u));
  return Coded(codes, scale.x, scale.y);
}
