//! use weights/coded
//! use weights/iq4_levels
const RUN = 4u;
const HAS_MINIMUM = false;
fn coded_at(row: u32, eighth: u32) -> Coded {
  let block = row + (eighth >> 2u) * 18u;
  let codes = levels(nibbles(weights_words(block + 2u + 8u * (eighth & 1u)), (eighth >> 1u) & 1u));
  return Coded(codes, weights_half(block), 0.0);
}
