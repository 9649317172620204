// Keys (or values) of a head in a page, a float for each element: `begin` is the word where those of the page's first
// position lie, `dimension` how many elements a position has. Of one of them, four elements.
fn kv_four(begin: u32, slot: u32, dimension: u32, four: u32) -> vec4f {
  let at = begin + slot * dimension + 4u * four;
  if (4u * four + 4u <= dimension) {
    return bitcast<vec4f>(vec4u(cache(at), cache(at + 1u), cache(at + 2u), cache(at + 3u)));
  }
  var elements = vec4f(0.0);
  for (var i = 0u; 4u * four + i < dimension; i++) { elements[i] = bitcast<f32>(cache(at + i)); }
  return elements;
}
