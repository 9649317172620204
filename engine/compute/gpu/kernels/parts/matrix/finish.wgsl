// What is done with a product before it is written.
//! use matrix/matrices
//! use activation/activation

// Of parameters.then, beside 0: the product goes through the activation; as a gate it opens what `out` holds; the first
// matrix is a gate that opens the product with the second (matrix_vector.wgsl).
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

// Also adds it to `sum`, if there is one.
fn put(matrix: Matrix, row: u32, output: u32, value: f32) {
  let i = matrix.out + row * matrix.out_columns + output;
  set_out(i, value);
  if (has_sum()) { set_sum(i, sum(i) + value); }
}

fn finish(matrix: Matrix, row: u32, output: u32, product: f32) {
  if (row >= parameters.rows || output >= matrix.outputs) { return; }
  var value = with_bias(matrix, output, product);
  if (parameters.then == ACTIVATE) {
    value = activated(value);
  } else if (parameters.then == OPEN) {
    value = gated(value, out(matrix.out + row * matrix.out_columns + output));
  }
  put(matrix, row, output, value);
}
