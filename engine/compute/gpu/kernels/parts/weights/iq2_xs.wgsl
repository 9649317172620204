//! use weights/grid
const RUN = 2u;
const HAS_MINIMUM = false;
fn coded_at(row: u32, eighth: u32) -> Coded {
  let block = row + (eighth >> 5u) * 74u;
  let of_block = eighth & 31u;
  let code = weights_short(block + 2u + 2u * of_block);
  let nibble = (weights_byte(block + 66u + (of_block >> 2u)) >> (2u * (of_block & 2u))) & 15u;
  let scale = weights_half(block) * (0.5 + f32(nibble)) * 0.25;
  return Coded(with_signs(grid_eight(IQ2_XS_GRID, code & 511u), eight_signs(code >> 9u)), scale, 0.0);
}
