//! use weights/grid
const RUN = 4u;
const HAS_MINIMUM = false;
fn coded_at(row: u32, eighth: u32) -> Coded {
  let block = row + (eighth >> 5u) * 110u;
  let of_block = eighth & 31u;
  let sub_block = of_block >> 2u;
  let low = weights_short(block + 2u + 2u * of_block);
  let high = weights_byte(block + 66u + sub_block) >> (2u * (of_block & 3u));
  let indices = vec2u(low & 0xFFu, low >> 8u) | ((vec2u(high, high >> 1u) & vec2u(1u)) << vec2u(8u));
  let magnitudes = vec2u(grid(IQ3_S_GRID + indices.x), grid(IQ3_S_GRID + indices.y));
  let nibble = (weights_byte(block + 106u + (sub_block >> 1u)) >> (4u * (sub_block & 1u))) & 15u;
  let scale = weights_half(block) * f32(1u + 2u * nibble);
  return Coded(with_signs(magnitudes, weights_byte(block + 74u + of_block)), scale, 0.0);
}
