//! use weights/grid
const RUN = 2u;
const HAS_MINIMUM = false;
fn coded_at(row: u32, eighth: u32) -> Coded {
  let block = row + (eighth >> 5u) * 82u;
  let of_block = eighth & 31u;
  let sub_block = of_block >> 2u;
  let high = (weights_byte(block + 66u + sub_block) >> (2u * (of_block & 3u))) & 3u;
  let index = weights_byte(block + 2u + of_block) | (high << 8u);
  let nibble = (weights_byte(block + 74u + sub_block) >> (2u * (of_block & 2u))) & 15u;
  let scale = weights_half(block) * (0.5 + f32(nibble)) * 0.25;
  return Coded(with_signs(grid_eight(IQ2_S_GRID, index), weights_byte(block + 34u + of_block)), scale, 0.0);
}
