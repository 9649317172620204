//! use weights/coded
const RUN = 4u;
const HAS_MINIMUM = true;

// Digit n of five (base 3) of each of four bytes, which are fractions of 256.
fn ternary_digits(bytes: u32, n: u32) -> u32 {
  let powers = array<u32, 5>(1u, 3u, 9u, 27u, 81u);
  let two = vec2u(bytes, bytes >> 8u) & vec2u(0x00FF00FFu);
  let digits = ((((two * powers[n]) & vec2u(0x00FF00FFu)) * 3u) >> vec2u(8u)) & vec2u(0x00FF00FFu);
  return digits.x | (digits.y << 8u);
}

// Elements 0..159 are five digits of bytes 0..31, 160..239 five of 32..47, the rest four of 48..51.
fn coded_at(row: u32, eighth: u32) -> Coded {
  let block = row + (eighth >> 5u) * 54u;
  let of_block = eighth & 31u;
  var byte = (of_block & 3u) * 8u;
  var digits = vec2u(of_block >> 2u);
  if (of_block >= 30u) {
    byte = 44u;  // the second four of these eight
    digits = vec2u(2u * (of_block - 30u), 2u * (of_block - 30u) + 1u);
  } else if (of_block >= 20u) {
    byte = 32u + ((of_block - 20u) & 1u) * 8u;
    digits = vec2u((of_block - 20u) >> 1u);
  }
  let words = weights_words(block + byte);
  let first = select(words.x, words.y, of_block >= 30u);
  let d = weights_half(block + 52u);
  return Coded(vec2u(ternary_digits(first, digits.x), ternary_digits(words.y, digits.y)), d, -d);
}
