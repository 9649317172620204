// What the kernels of products share. One dispatch works on several matrices of the same type and length of rows,
// which lie in the operand `weights`; the table in the step's data says of each where its own things are.

struct Matrix {
  first_group: u32,
  outputs: u32,
  weights: u32,  // byte of its first row
  x: u32,        // of its input's first row, as those below are of what has one value to an output
  out: u32,
  out_columns: u32,
  bias: u32,
  scale: u32,
}

const TABLE_WORDS = 8u;

fn first_group_of(matrix: u32) -> u32 { return step_data[parameters.table + TABLE_WORDS * matrix]; }

fn matrix_of(number: u32) -> Matrix {
  let at = parameters.table + TABLE_WORDS * number;
  return Matrix(step_data[at], step_data[at + 1u], step_data[at + 2u], step_data[at + 3u], step_data[at + 4u],
                step_data[at + 5u], step_data[at + 6u], step_data[at + 7u]);
}

// Which a group works on: groups of a matrix follow each other, and none has more than `most_groups`.
fn matrix_of_group(group: u32) -> Matrix {
  var number = group / parameters.most_groups;
  while (number + 1u < parameters.matrices && group >= first_group_of(number + 1u)) { number += 1u; }
  return matrix_of(number);
}

// Where row i of the weights begins; behind the last one this one again, as something must be read.
fn row_of(matrix: Matrix, i: u32) -> u32 {
  return matrix.weights + min(i, matrix.outputs - 1u) * parameters.row_bytes;
}

// Of a column that there is; behind the last row this one again.
fn input_within(matrix: Matrix, row: u32, column: u32) -> f32 {
  return x(matrix.x + min(row, parameters.rows - 1u) * parameters.x_columns + column);
}

fn input(matrix: Matrix, row: u32, column: u32) -> f32 {
  if (row >= parameters.rows || column >= parameters.columns) { return 0.0; }
  return input_within(matrix, row, column);
}
