// Weights that stand for themselves, each alone: a row's length need be no multiple of 8, and behind it are zeros.
//! use weights/eight
fn eight_at(row: u32, eighth: u32) -> Eight {
  let first = 8u * eighth;
  if (first + 8u <= parameters.columns) { return eight_within(row, first); }
  var eight = Eight();
  for (var i = 0u; i < 4u; i += 1u) {
    if (first + i < parameters.columns) { eight.low[i] = weight_at(row, first + i); }
    if (first + i + 4u < parameters.columns) { eight.high[i] = weight_at(row, first + i + 4u); }
  }
  return eight;
}
