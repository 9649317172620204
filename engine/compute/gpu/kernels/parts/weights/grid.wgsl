// The IQ types take groups of weights from grids, which lie one after the other in the operand `grid`
// (engine/compute/gpu/codebook.h), and have their signs apart.
//! use weights/coded

// Where each begins, in words.
const IQ2_XXS_GRID = 0u;
const IQ2_XS_GRID = 512u;
const IQ2_S_GRID = 1536u;
const IQ3_XXS_GRID = 3584u;
const IQ3_S_GRID = 3840u;
const IQ1_GRID = 4352u;

fn grid_eight(first: u32, index: u32) -> vec2u {
  return vec2u(grid(first + 2u * index), grid(first + 2u * index + 1u));
}

// Less than 0 where a bit of the eight is set. What is turned into its complement and then counted up by one is not 0,
// so that nothing is carried from byte to byte.
fn with_signs(magnitudes: vec2u, signs: u32) -> vec2u {
  let negative = bits_of_bytes(signs);
  return (magnitudes ^ (negative * 0xFFu)) + negative;
}

// Of eight signs in seven bits the last makes the number of negative ones even.
fn eight_signs(seven: u32) -> u32 { return seven | ((countOneBits(seven) & 1u) << 7u); }
