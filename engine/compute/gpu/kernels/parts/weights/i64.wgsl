//! use weights/one_by_one
fn weight_at(row: u32, column: u32) -> f32 {
  let low = weights_aligned_word(row + 8u * column);
  let high = bitcast<i32>(weights_aligned_word(row + 8u * column + 4u));
  return fma(f32(high), 0x1p32, f32(low));
}
