// What the types that have a scale for each 32 elements share.
//! use kv/store_halves

/// Of the elements of a block the one that is furthest from 0, the first of such.
fn extreme_of(odd: u32, block: u32) -> f32 {
  var extreme = 0.0;
  for (var i = 32u * block; i < 32u * block + 32u; i++) {
    let value = element(odd, i);
    if (abs(value) > abs(extreme)) { extreme = value; }
  }
  return extreme;
}

fn inverse_or_zero(value: f32) -> f32 {
  if (value == 0.0) { return 0.0; }
  return 1.0 / value;
}

fn store_scales(begin: u32, slot: u32, dimension: u32, item: u32) {
  let blocks = dimension / 32u;
  var halves: vec2u;
  var has: vec2<bool>;
  for (var i = 0u; i < 2u; i++) {
    let odd = (2u * item + i) / blocks;
    has[i] = has_position(odd);
    if (has[i]) { halves[i] = half_of(scale_of(odd, (2u * item + i) % blocks)); }
  }
  store_halves(begin + slot * blocks / 2u + item, halves, has);
}
