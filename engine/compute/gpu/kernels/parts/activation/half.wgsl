// x as the nearest half holds it, of two the even one, for x below 65520. By bits, as WGSL's own rounding may go
// either way.
fn rounded_to_half(x: f32) -> f32 {
  // Halves below the smallest normal one are multiples of 2^-24.
  if (abs(x) < 0x1p-14) { return round(x * 0x1p24) * 0x1p-24; }
  // 13 bits of the 23 are one too many for a half: half of the last place that stays goes up.
  let bits = bitcast<u32>(x);
  return bitcast<f32>((bits + 0xFFFu + ((bits >> 13u) & 1u)) & 0xFFFFE000u);
}
