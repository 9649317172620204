// What a thread stores of two positions: eight nibbles of either, or two scales (parts/kv/q4_0).
//! use kv/store_blocks
fn items_of(dimension: u32) -> u32 { return dimension / 4u + dimension / 32u; }

/// The extreme of a block becomes 0, which is -8.
fn scale_of(odd: u32, block: u32) -> f32 { return extreme_of(odd, block) / -8.0; }

fn store(begin: u32, slot: u32, dimension: u32, item: u32) {
  if (item >= dimension / 4u) {
    store_scales(begin + 8u * dimension, slot, dimension, item - dimension / 4u);
    return;
  }
  let odd = item / (dimension / 8u);
  if (!has_position(odd)) { return; }
  let first = item % (dimension / 8u) * 8u;
  let inverse = inverse_or_zero(scale_of(odd, first / 32u));
  var word = 0u;
  for (var i = 0u; i < 8u; i++) {
    word |= u32(clamp(element(odd, first + i) * inverse + 8.5, 0.0, 15.0)) << (4u * i);
  }
  set_cache(begin + slot * dimension / 8u + item, word);
}
