//! use weights/coded
const RUN = 4u;
const HAS_MINIMUM = true;
fn coded_at(row: u32, eighth: u32) -> Coded {
  let block = row + (eighth >> 2u) * 24u;
  let d_and_m = unpack2x16float(weights_aligned_word(block));
  let low = nibbles(weights_aligned_words(block + 8u + 8u * (eighth & 1u)), (eighth >> 1u) & 1u);
  let high = bits_of_bytes((weights_aligned_word(block + 4u) >> (8u * (eighth & 3u))) & 0xFFu);
  return Coded(low | (high << vec2u(4u)), d_and_m.x, d_and_m.y);
}
