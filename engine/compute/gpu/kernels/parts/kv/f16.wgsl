// Keys (or values) of a head in a page, two halves in each word: `begin` is the word where those of the page's first
// position lie, `dimension` how many elements a position has. Of one of them, four elements.
fn kv_four(begin: u32, slot: u32, dimension: u32, four: u32) -> vec4f {
  let half = slot * dimension + 4u * four;
  if (dimension % 4u == 0u) {
    let at = begin + half / 2u;
    return vec4f(unpack2x16float(cache(at)), unpack2x16float(cache(at + 1u)));
  }
  var elements = vec4f(0.0);
  for (var i = 0u; i < 4u && 4u * four + i < dimension; i++) {
    elements[i] = unpack2x16float(cache(begin + (half + i) / 2u))[(half + i) % 2u];
  }
  return elements;
}
