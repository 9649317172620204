//! use weights/grid
const RUN = 4u;
const HAS_MINIMUM = true;
fn coded_at(row: u32, eighth: u32) -> Coded {
  let block = row + (eighth >> 5u) * 50u;
  let of_block = eighth & 31u;
  let high = weights_short(block + 34u + 2u * (of_block >> 2u));
  let index = weights_byte(block + 2u + of_block) | (((high >> (3u * (of_block & 3u))) & 7u) << 8u);
  let scale = weights_half(block) * f32(2u * ((high >> 12u) & 7u) + 1u);
  // All eight are moved by an eighth.
  let delta = select(0.125, -0.125, (high & 0x8000u) != 0u);
  return Coded(grid_eight(IQ1_GRID, index), scale, scale * delta);
}
