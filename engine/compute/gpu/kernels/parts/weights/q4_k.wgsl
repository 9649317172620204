//! use weights/coded
//! use weights/k_scales
const RUN = 4u;
const HAS_MINIMUM = true;
fn coded_at(row: u32, eighth: u32) -> Coded {
  let block = row + (eighth >> 5u) * 144u;
  let of_block = eighth & 31u;
  let scale = scale_and_minimum(block, of_block >> 2u);
  return Coded(nibbles_of_super_block(block + 16u, of_block), scale.x, scale.y);
}
