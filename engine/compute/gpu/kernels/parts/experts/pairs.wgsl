// Pairs of a row and an expert, whose numbers the device alone knows (choose_experts.wgsl), as what matrix/segments and
// matrix/tiles multiply: the pairs that a group works on are the rows of x. The operand `weights` has the matrices of
// `experts` experts from `first_expert` on. A kernel that uses it says which pair is a group's, `pair_of(matrix, row)`.
//! use activation/activation

// Of parameters.then (matrix/finish).
const WRITE = 0u;
const OPEN = 2u;

// An expert's, for so many pairs.
struct Matrix { expert: u32, weights: u32, first: u32, pairs: u32 }

fn is_here(expert: u32) -> bool { return expert - parameters.first_expert < parameters.experts; }

fn matrix_of(expert: u32, first: u32, pairs: u32) -> Matrix {
  let row = (expert - parameters.first_expert) * parameters.stride + parameters.first_row;
  return Matrix(expert, row * parameters.row_bytes, first, pairs);
}

// Where row i of the weights begins; behind the last one this one again, as something must be read.
fn row_of(matrix: Matrix, i: u32) -> u32 {
  return matrix.weights + min(i, parameters.outputs - 1u) * parameters.row_bytes;
}

// So many neighbouring pairs have one row of x. Of a column that there is; behind the last pair this one again.
fn input_within(matrix: Matrix, row: u32, column: u32) -> f32 {
  return x(pair_of(matrix, min(row, matrix.pairs - 1u)) / parameters.sharing * parameters.columns + column);
}

fn input(matrix: Matrix, row: u32, column: u32) -> f32 {
  if (row >= matrix.pairs || column >= parameters.columns) { return 0.0; }
  return input_within(matrix, row, column);
}

fn finish(matrix: Matrix, row: u32, output: u32, product: f32) {
  if (row >= matrix.pairs || output >= parameters.outputs) { return; }
  let pair = pair_of(matrix, row);
  let i = pair * parameters.outputs + output;
  var factor = parameters.scale;
  if (parameters.weighs != 0u) { factor *= bitcast<f32>(routes(parameters.pairs + pair)); }
  if (has_scales()) { factor *= scales(matrix.expert); }
  var value = 0.0;
  if (parameters.adds != 0u) { value = out(i); }
  value = fma(product, factor, value);
  if (has_biases()) { value += biases(matrix.expert * parameters.outputs + output); }
  if (parameters.then != WRITE) { value = activated(value); }
  if (parameters.then == OPEN) { value = what_opens(value, opened(i)); }
  set_out(i, value);
}
