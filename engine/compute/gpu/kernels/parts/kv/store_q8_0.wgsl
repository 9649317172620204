// What a thread stores of two positions: four bytes of either, or two scales (parts/kv/q8_0).
//! use kv/store_blocks
fn items_of(dimension: u32) -> u32 { return dimension / 2u + dimension / 32u; }

/// The largest of a block becomes 127.
fn scale_of(odd: u32, block: u32) -> f32 { return abs(extreme_of(odd, block)) / 127.0; }

/// The nearest whole number, of two the one further from 0.
fn byte_of(scaled: f32) -> u32 {
  let below = floor(abs(scaled));
  let nearest = min(below + select(0.0, 1.0, abs(scaled) - below >= 0.5), 127.0);
  return bitcast<u32>(i32(select(nearest, -nearest, scaled < 0.0))) & 0xFFu;
}

fn store(begin: u32, slot: u32, dimension: u32, item: u32) {
  if (item >= dimension / 2u) {
    store_scales(begin + 16u * dimension, slot, dimension, item - dimension / 2u);
    return;
  }
  let odd = item / (dimension / 4u);
  if (!has_position(odd)) { return; }
  let first = item % (dimension / 4u) * 4u;
  let inverse = inverse_or_zero(scale_of(odd, first / 32u));
  var word = 0u;
  for (var i = 0u; i < 4u; i++) { word |= byte_of(element(odd, first + i) * inverse) << (8u * i); }
  set_cache(begin + slot * dimension / 4u + item, word);
}
