//! use weights/one_by_one

// What f32 has no room for is cut off; what is too small is 0, what is too large its largest number.
fn weight_at(row: u32, column: u32) -> f32 {
  let low = weights_aligned_word(row + 8u * column);
  let high = weights_aligned_word(row + 8u * column + 4u);
  let sign = high & 0x80000000u;
  let exponent = i32((high >> 20u) & 0x7FFu) - 1023 + 127;
  if (exponent <= 0) { return bitcast<f32>(sign); }
  if (exponent >= 255) { return bitcast<f32>(sign | 0x7F7FFFFFu); }
  return bitcast<f32>(sign | (u32(exponent) << 23u) | ((high & 0xFFFFFu) << 3u) | (low >> 29u));
}
