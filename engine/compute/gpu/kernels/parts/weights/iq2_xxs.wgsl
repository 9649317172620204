//! use weights/grid
const RUN = 4u;
const HAS_MINIMUM = false;
fn coded_at(row: u32, eighth: u32) -> Coded {
  let block = row + (eighth >> 5u) * 66u;
  let of_block = eighth & 31u;
  let words = weights_words(block + 2u + 8u * (of_block >> 2u));
  let index = (words.x >> (8u * (of_block & 3u))) & 0xFFu;
  let signs = eight_signs((words.y >> (7u * (of_block & 3u))) & 127u);
  let scale = weights_half(block) * (0.5 + f32(words.y >> 28u)) * 0.25;
  return Coded(with_signs(grid_eight(IQ2_XXS_GRID, index), signs), scale, 0.0);
}
