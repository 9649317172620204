// The scale of a block of 32 elements: a half behind the elements of all of a page's positions.
fn kv_scale(begin: u32, slot: u32, dimension: u32, four: u32, words: u32) -> f32 {
  let half = (slot * dimension + 4u * four) / 32u;
  return unpack2x16float(cache(begin + words + half / 2u))[half % 2u];
}
