// What is done with a product before it is written.
//! use matrix/matrices
//! use activation/activation

// Of parameters.then: nothing; the product goes through the activation; as a gate, too, to open what `out` holds; or
// the first matrix is a gate that opens the product with the second (matrix_vector.wgsl).
const WRITE = 0u;
const ACTIVATE = 1u;
const OPEN = 2u;
const OPEN_SECOND = 3u;

fn with_bias(matrix: Matrix, output: u32, product: f32) -> f32 {
  var factor = 1.0;
  var bias = 0.0;
  if (has_scales()) { factor = scales(matrix.scale); }
  if (has_biases()) { bias = biases(matrix.bias + output); }
  return fma(product, factor, bias);
}

// Writes what comes of a product; `up` is what goes with it where the first matrix opens the second.
fn finish_with(matrix: Matrix, row: u32, output: u32, product: f32, up: f32) {
  if (row >= parameters.rows || output >= matrix.outputs) { return; }
  let i = matrix.out + row * matrix.out_columns + output;
  var value = with_bias(matrix, output, product);
  if (parameters.then != WRITE) { value = activated(value); }
  if (parameters.then == OPEN) { value = what_opens(value, out(i)); }
  if (parameters.then == OPEN_SECOND) { value = what_opens(value, up); }
  set_out(i, value);
  if (has_sum()) { set_sum(i, sum(i) + value); }
}

fn finish(matrix: Matrix, row: u32, output: u32, product: f32) { finish_with(matrix, row, output, product, 0.0); }
