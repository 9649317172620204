//! use weights/coded
const RUN = 4u;
const HAS_MINIMUM = true;
fn coded_at(row: u32, eighth: u32) -> Coded {
  let block = row + (eighth >> 2u) * 22u;
  let d = weights_half(block);
  let low = nibbles(weights_words(block + 6u + 8u * (eighth & 1u)), (eighth >> 1u) & 1u);
  let high = bits_of_bytes(weights_byte(block + 2u + (eighth & 3u)));
  return Coded(low | (high << vec2u(4u)), d, -16.0 * d);
}
