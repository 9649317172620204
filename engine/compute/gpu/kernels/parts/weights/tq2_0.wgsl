//! use weights/super_block
const RUN = 4u;
const HAS_MINIMUM = true;
fn coded_at(row: u32, eighth: u32) -> Coded {
  let block = row + (eighth >> 5u) * 66u;
  let d = weights_half(block + 64u);
  return Coded(two_bits(block, eighth & 31u), d, -d);
}
