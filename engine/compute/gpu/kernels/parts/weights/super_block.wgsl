// Where the bits of eight neighbours lie in a super-block of 256 (engine/format/bit_layout.h): `eighth` is which
// eight of the 32.
//! use weights/coded

// Two bits to an element, from a byte on.
fn two_bits(byte: u32, eighth: u32) -> vec2u {
  let words = weights_words(byte + (eighth >> 4u) * 32u + (eighth & 3u) * 8u);
  return (words >> vec2u(2u * ((eighth >> 2u) & 3u))) & vec2u(0x03030303u);
}

// One bit to an element.
fn one_bit(byte: u32, eighth: u32) -> vec2u {
  return (weights_words(byte + (eighth & 3u) * 8u) >> vec2u(eighth >> 2u)) & vec2u(0x01010101u);
}
