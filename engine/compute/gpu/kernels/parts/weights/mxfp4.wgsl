//! use weights/coded
// Twice the values of FP4 (E2M1): 0 1 2 3 4 6 8 12, and the same below 0.
const LEVELS = vec4u(0x03020100u, 0x0C080604u, 0xFDFEFF00u, 0xF4F8FAFCu);
//! use weights/levels
const RUN = 4u;
const HAS_MINIMUM = false;

// 2^(exponent - 128), half of what the exponent stands for; the two smallest are no normal numbers.
fn half_of_power(exponent: u32) -> f32 {
  return bitcast<f32>(select((exponent - 1u) << 23u, 0x00200000u << exponent, exponent < 2u));
}

fn coded_at(row: u32, eighth: u32) -> Coded {
  let block = row + (eighth >> 2u) * 17u;
  let codes = levels(nibbles(weights_words(block + 1u + 8u * (eighth & 1u)), (eighth >> 1u) & 1u));
  return Coded(codes, half_of_power(weights_byte(block)), 0.0);
}
