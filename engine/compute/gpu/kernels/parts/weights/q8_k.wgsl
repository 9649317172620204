//! use weights/coded
fn coded_at(row: u32, eighth: u32) -> Coded {
  let block = row + (eighth >> 5u) * 292u;
  let d = bitcast<f32>(weights_aligned_word(block));
  return Coded(weights_aligned_words(block + 4u + 8u * (eighth & 31u)), d, 0.0);
}
