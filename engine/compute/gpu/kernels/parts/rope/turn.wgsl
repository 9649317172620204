// By how much pairs of dimensions turn. Frequencies are whole numbers of 2^-64 turns for each position, so that what
// is left of a turn at any position is exact to 2^-32 of one, which no product of floats would be; and as sin and cos
// are promised within 2^-11 alone, what they are is computed here.

/// Cosine and sine of the angle by which a pair turns at a position.
fn turn_of(position: u32, pair: u32) -> vec2f {
  let fraction = parameters.frequencies + 2u * pair;
  let low = f32(position) * (f32(step_data[fraction]) * 0x1p-32);
  let turns = position * step_data[fraction + 1u] + u32(low);
  // The nearest quarter of a turn, and what is left, within pi / 4 of it.
  let quarter = (turns + (1u << 29u)) >> 30u;
  let x = f32(bitcast<i32>(turns - (quarter << 30u))) * 1.46291807926715968e-9;  // 2 pi / 2^32
  // Taylor's series: the next terms are below (pi/4)^11 / 11! and (pi/4)^12 / 12!, both below 2^-29.
  let z = x * x;
  let sine = x + x * z * (-1.0 / 6.0 + z * (1.0 / 120.0 + z * (-1.0 / 5040.0 + z / 362880.0)));
  let cosine =
      1.0 - 0.5 * z + z * z * (1.0 / 24.0 + z * (-1.0 / 720.0 + z * (1.0 / 40320.0 - z / 3628800.0)));
  switch (quarter) {
    case 0u: { return vec2f(cosine, sine); }
    case 1u: { return vec2f(-sine, cosine); }
    case 2u: { return vec2f(-cosine, -sine); }
    default: { return vec2f(sine, -cosine); }
  }
}

/// Both dimensions of a pair, turned.
fn turned(pair: vec2f, turn: vec2f) -> vec2f {
  return parameters.magnitude * vec2f(pair.x * turn.x - pair.y * turn.y, pair.y * turn.x + pair.x * turn.y);
}

/// Where in a head the dimensions of a pair lie.
fn dimensions_of(pair: u32) -> vec2u {
  if (parameters.is_adjacent != 0u) { return vec2u(2u * pair, 2u * pair + 1u); }
  return vec2u(pair, pair + parameters.pairs);
}
