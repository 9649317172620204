//! use weights/grid
const RUN = 1u;
const HAS_MINIMUM = true;
fn coded_at(row: u32, eighth: u32) -> Coded {
  let block = row + (eighth >> 5u) * 56u;
  let of_block = eighth & 31u;
  let sixteen = of_block >> 1u;
  let scales = weights_aligned_words(block + 48u);
  // The nibbles on top of four words of 16 bits are those of d.
  let low = ((scales >> vec2u(12u)) & vec2u(15u)) | ((scales >> vec2u(28u)) << vec2u(4u));
  let d = unpack2x16float(low.x | (low.y << 8u)).x;
  let three = select(scales.x, scales.y, sixteen >= 8u) >> (16u * ((sixteen >> 2u) & 1u) + 3u * (sixteen & 3u));
  let scale = d * f32(2u * (three & 7u) + 1u);
  let high = (weights_byte(block + 32u + sixteen) >> (4u * (of_block & 1u))) & 15u;
  let index = weights_byte(block + of_block) | ((high & 7u) << 8u);
  // All eight are moved by an eighth.
  let delta = select(0.125, -0.125, (high & 8u) != 0u);
  return Coded(grid_eight(IQ1_GRID, index), scale, scale * delta);
}
