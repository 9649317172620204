// What a thread stores of two positions: two halves, which lie in a word (parts/kv/f16).
//! use kv/store_halves
fn items_of(dimension: u32) -> u32 { return dimension; }

fn store(begin: u32, slot: u32, dimension: u32, item: u32) {
  var halves: vec2u;
  var has: vec2<bool>;
  for (var i = 0u; i < 2u; i++) {
    let odd = (2u * item + i) / dimension;
    has[i] = has_position(odd);
    if (has[i]) { halves[i] = half_of(element(odd, (2u * item + i) % dimension)); }
  }
  store_halves(begin + slot * dimension / 2u + item, halves, has);
}
