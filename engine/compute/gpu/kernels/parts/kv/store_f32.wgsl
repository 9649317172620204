// What a thread stores of two positions: a float for each element (parts/kv/f32).
fn items_of(dimension: u32) -> u32 { return 2u * dimension; }

fn store(begin: u32, slot: u32, dimension: u32, item: u32) {
  let odd = item / dimension;
  if (has_position(odd)) { set_cache(begin + slot * dimension + item, bitcast<u32>(element(odd, item % dimension))); }
}
