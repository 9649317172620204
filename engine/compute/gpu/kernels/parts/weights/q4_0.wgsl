//! use weights/coded
const RUN = 4u;
const HAS_MINIMUM = true;
fn coded_at(row: u32, eighth: u32) -> Coded {
  let block = row + (eighth >> 2u) * 18u;
  let d = weights_half(block);
  let codes = nibbles(weights_words(block + 2u + 8u * (eighth & 1u)), (eighth >> 1u) & 1u);
  return Coded(codes, d, -8.0 * d);
}
