//! use weights/super_block
const RUN = 2u;
const HAS_MINIMUM = true;
fn coded_at(row: u32, eighth: u32) -> Coded {
  let block = row + (eighth >> 5u) * 210u;
  let of_block = eighth & 31u;
  let scale = weights_half(block + 208u) * four_codes(weights_byte(block + 192u + (of_block >> 1u))).x;
  let low = nibbles(weights_words(block + (of_block >> 4u) * 64u + (of_block & 7u) * 8u), (of_block >> 3u) & 1u);
  let codes = low | (two_bits(block + 128u, of_block) << vec2u(4u));
  return Coded(codes, scale, -32.0 * scale);
}
