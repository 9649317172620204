//! use weights/grid
const RUN = 4u;
const HAS_MINIMUM = false;
fn coded_at(row: u32, eighth: u32) -> Coded {
  let block = row + (eighth >> 5u) * 98u;
  let of_block = eighth & 31u;
  let indices = weights_short(block + 2u + 2u * of_block);
  let word = weights_word(block + 66u + 4u * (of_block >> 2u));
  let signs = eight_signs((word >> (7u * (of_block & 3u))) & 127u);
  let magnitudes = vec2u(grid(IQ3_XXS_GRID + (indices & 0xFFu)), grid(IQ3_XXS_GRID + (indices >> 8u)));
  let scale = weights_half(block) * (0.5 + f32(word >> 28u)) * 0.5;
  return Coded(with_signs(magnitudes, signs), scale, 0.0);
}
