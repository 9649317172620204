// Eight neighbouring weights of a quantised row: each is scale * code + minimum.
//! use weights/eight
//! use weights/words
struct Coded {
  codes: vec2u,  // of signed bytes, the first in the lowest
  scale: f32,
  minimum: f32,
}

fn four_codes(word: u32) -> vec4f {
  return vec4f(vec4i(vec4u(word) << vec4u(24u, 16u, 8u, 0u)) >> vec4u(24u));
}

fn eight_at(row: u32, eighth: u32) -> Eight {
  let coded = coded_at(row, eighth);
  let scale = vec4f(coded.scale);
  let minimum = vec4f(coded.minimum);
  return Eight(fma(scale, four_codes(coded.codes.x), minimum), fma(scale, four_codes(coded.codes.y), minimum));
}

// Of eight bytes the low nibbles, or the high ones.
fn nibbles(words: vec2u, high: u32) -> vec2u { return (words >> vec2u(4u * high)) & vec2u(0x0F0F0F0Fu); }

// Eight bits as the lowest of eight bytes. The product has bit i of four at i, i + 7, i + 14 and i + 21, no two of
// them in one place.
fn bits_of_bytes(bits: u32) -> vec2u {
  return (vec2u(bits & 15u, bits >> 4u) * 0x00204081u) & vec2u(0x01010101u);
}
