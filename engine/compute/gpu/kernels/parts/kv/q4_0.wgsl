// Keys (or values) of a head in a page: first the nibbles of all positions, eight to a word from its lowest bits on,
// then the scales of their blocks of 32. `begin` is the word where all that lies, `dimension` how many elements a
// position has. Of one of them, four elements.
//! use kv/scale
fn kv_four(begin: u32, slot: u32, dimension: u32, four: u32) -> vec4f {
  let word = cache(begin + slot * dimension / 8u + four / 2u) >> (16u * (four % 2u));
  let nibbles = (vec4u(word) >> vec4u(0u, 4u, 8u, 12u)) & vec4u(15u);
  return (vec4f(nibbles) - 8.0) * kv_scale(begin, slot, dimension, four, 8u * dimension);
}
