// Keys (or values) of a head in a page: first the bytes of all positions, four to a word, then the scales of their
// blocks of 32. `begin` is the word where all that lies, `dimension` how many elements a position has. Of one of them,
// four elements.
//! use kv/scale
fn kv_four(begin: u32, slot: u32, dimension: u32, four: u32) -> vec4f {
  let word = cache(begin + slot * dimension / 4u + four);
  let bytes = bitcast<vec4i>(vec4u(word) << vec4u(24u, 16u, 8u, 0u)) >> vec4u(24u);
  return vec4f(bytes) * kv_scale(begin, slot, dimension, four, 16u * dimension);
}
