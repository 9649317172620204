// What Q4_K and Q5_K begin with: d, dmin, and eight scales and minima of six bits in twelve bytes
// (engine/format/bit_layout.h).
fn scale_and_minimum(block: u32, sub_block: u32) -> vec2f {
  let d_and_dmin = unpack2x16float(weights_aligned_word(block));
  let shift = 8u * (sub_block & 3u);
  let first = vec2u(weights_aligned_word(block + 4u), weights_aligned_word(block + 8u)) >> vec2u(shift);
  let last = vec2u(weights_aligned_word(block + 12u)) >> vec2u(shift, shift + 4u);
  let late = (last & vec2u(15u)) | ((first >> vec2u(2u)) & vec2u(0x30u));
  return vec2f(1.0, -1.0) * d_and_dmin * vec2f(select(first & vec2u(63u), late, sub_block >= 4u));
}

// Four bits to an element, from a byte on.
fn nibbles_of_super_block(byte: u32, eighth: u32) -> vec2u {
  return nibbles(weights_aligned_words(byte + (eighth >> 3u) * 32u + (eighth & 3u) * 8u), (eighth >> 2u) & 1u);
}
