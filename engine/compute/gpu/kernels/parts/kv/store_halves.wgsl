// Halves that the cache is given, two in a word, of which the other one may be of a position that no row of the batch
// has and stays as it is.

/// The nearest half, of two the even one; by bits, as WGSL's own conversion may go either way.
fn half_of(value: f32) -> u32 {
  let bits = bitcast<u32>(value);
  let sign = (bits >> 16u) & 0x8000u;
  let magnitude = bits & 0x7FFFFFFFu;
  if (magnitude >= 0x477FF000u) { return sign | 0x7C00u; }  // 65520 and above: infinity
  // Below 2^-14 halves are multiples of 2^-24, as floats from 0.5 on are.
  if (magnitude < 0x38800000u) { return sign | (bitcast<u32>(bitcast<f32>(magnitude) + 0.5) - 0x3F000000u); }
  // 13 bits of the 23 are too many, and 112 is the difference of the exponents' biases.
  return sign | ((magnitude + 0xFFFu + ((magnitude >> 13u) & 1u) - (112u << 23u)) >> 13u);
}

/// `has` tells of each half, the lower one first, whether it is stored.
fn store_halves(word: u32, halves: vec2u, has: vec2<bool>) {
  let before = select(cache(word), 0u, all(has));
  set_cache(word, select(before & 0xFFFFu, halves.x, has.x) | select(before & 0xFFFF0000u, halves.y << 16u, has.y));
}
