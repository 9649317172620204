// A word of codes of each of four rows of x, and their products with a word of codes of weights.
alias Codes = vec4u;
alias Dots = vec4i;
const SEGMENTS = 32u;
// A function of its own, as naga gives a word that is multiplied twice in a function the same name twice in Metal's
// language.
fn dot_of(weights: u32, by: u32) -> i32 { return dot4I8Packed(weights, by); }
fn dots(weights: u32, by: Codes) -> Dots {
  return vec4i(dot_of(weights, by.x), dot_of(weights, by.y), dot_of(weights, by.z), dot_of(weights, by.w));
}
