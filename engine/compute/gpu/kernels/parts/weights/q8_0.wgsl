//! use weights/coded
const RUN = 4u;
const HAS_MINIMUM = false;
fn coded_at(row: u32, eighth: u32) -> Coded {
  let block = row + (eighth >> 2u) * 34u;
  return Coded(weights_words(block + 2u + 8u * (eighth & 3u)), weights_half(block), 0.0);
}
