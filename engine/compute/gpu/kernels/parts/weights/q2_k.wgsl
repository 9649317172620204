//! use weights/super_block
const RUN = 2u;
const HAS_MINIMUM = true;
fn coded_at(row: u32, eighth: u32) -> Coded {
  let block = row + (eighth >> 5u) * 84u;
  let d_and_dmin = unpack2x16float(weights_aligned_word(block + 80u));
  let scales = weights_byte(block + ((eighth & 31u) >> 1u));
  let scale = d_and_dmin * vec2f(f32(scales & 15u), -f32(scales >> 4u));
  return Coded(two_bits(block + 16u, eighth & 31u), scale.x, scale.y);
}
