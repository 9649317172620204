// Weights wherever their bytes lie.

// The eight bytes from a byte on.
fn weights_words(byte: u32) -> vec2u {
  let first = vec2u(weights_aligned_word(byte), weights_aligned_word(byte + 4u));
  // No word that has none of the eight is read.
  let second = vec2u(first.y, weights_aligned_word(byte + 7u));
  let shift = 8u * ((parameters.weights_begin + byte) & 3u);
  return (first >> vec2u(shift)) | ((second << vec2u(1u)) << vec2u(31u - shift));
}

// Likewise, of a byte that is a multiple of 4.
fn weights_aligned_words(byte: u32) -> vec2u {
  return vec2u(weights_aligned_word(byte), weights_aligned_word(byte + 4u));
}

fn weights_byte(byte: u32) -> u32 {
  return (weights_aligned_word(byte) >> (8u * ((parameters.weights_begin + byte) & 3u))) & 0xFFu;
}

// Two bytes from an even one on.
fn weights_short(byte: u32) -> u32 {
  return (weights_aligned_word(byte) >> (8u * ((parameters.weights_begin + byte) & 2u))) & 0xFFFFu;
}

fn weights_half(byte: u32) -> f32 { return unpack2x16float(weights_short(byte)).x; }
