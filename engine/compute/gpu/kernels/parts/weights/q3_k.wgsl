//! use weights/super_block
const RUN = 2u;
const HAS_MINIMUM = true;

// Low nibbles in bytes 0..7, first those of sub-blocks 0..7; the high two bits in bytes 8..11.
fn q3_scale(scales: u32, sub_block: u32) -> f32 {
  let low = (weights_byte(scales + (sub_block & 7u)) >> (4u * (sub_block >> 3u))) & 15u;
  let high = (weights_byte(scales + 8u + (sub_block & 3u)) >> (2u * (sub_block >> 2u))) & 3u;
  return f32(low | (high << 4u)) - 32.0;
}

fn coded_at(row: u32, eighth: u32) -> Coded {
  let block = row + (eighth >> 5u) * 110u;
  let of_block = eighth & 31u;
  let scale = weights_half(block + 108u) * q3_scale(block + 96u, of_block >> 1u);
  let codes = two_bits(block + 32u, of_block) | (one_bit(block, of_block) << vec2u(2u));
  return Coded(codes, scale, -4.0 * scale);
}
