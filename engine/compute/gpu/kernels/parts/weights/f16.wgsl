//! use weights/floats
//! use weights/words
fn weight_at(row: u32, column: u32) -> f32 { return weights_half(row + 2u * column); }

fn eight_within(row: u32, first: u32) -> Eight {
  let low = weights_words(row + 2u * first);
  let high = weights_words(row + 2u * first + 8u);
  return Eight(vec4f(unpack2x16float(low.x), unpack2x16float(low.y)),
               vec4f(unpack2x16float(high.x), unpack2x16float(high.y)));
}
