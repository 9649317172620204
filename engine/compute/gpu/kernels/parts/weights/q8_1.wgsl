//! use weights/coded
fn coded_at(row: u32, eighth: u32) -> Coded {
  let block = row + (eighth >> 2u) * 36u;
  return Coded(weights_aligned_words(block + 4u + 8u * (eighth & 3u)), weights_half(block), 0.0);
}
