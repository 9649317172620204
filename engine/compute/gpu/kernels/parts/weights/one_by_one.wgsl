//! use weights/floats
fn four_within(row: u32, first: u32) -> vec4f {
  return vec4f(weight_at(row, first), weight_at(row, first + 1u), weight_at(row, first + 2u),
               weight_at(row, first + 3u));
}

fn eight_within(row: u32, first: u32) -> Eight { return Eight(four_within(row, first), four_within(row, first + 4u)); }
