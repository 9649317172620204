//! use weights/floats
//! use weights/words
fn weight_at(row: u32, column: u32) -> f32 { return bitcast<f32>(weights_short(row + 2u * column) << 16u); }

fn four_within(words: vec2u) -> vec4f {
  return bitcast<vec4f>(vec4u(words.x << 16u, words.x & 0xFFFF0000u, words.y << 16u, words.y & 0xFFFF0000u));
}

fn eight_within(row: u32, first: u32) -> Eight {
  return Eight(four_within(weights_words(row + 2u * first)), four_within(weights_words(row + 2u * first + 8u)));
}
