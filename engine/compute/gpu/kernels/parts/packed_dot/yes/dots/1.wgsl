// A word of codes of one row of x, and its product with a word of codes of weights.
alias Codes = u32;
alias Dots = i32;
const SEGMENTS = 64u;
fn dots(weights: u32, by: Codes) -> Dots { return dot4I8Packed(weights, by); }
