// A value of each of four rows of x.
alias Rows = vec4f;
fn input_rows(matrix: Matrix, row: u32, column: u32) -> Rows {
  return vec4f(input(matrix, row, column), input(matrix, row + 1u, column), input(matrix, row + 2u, column),
               input(matrix, row + 3u, column));
}
fn input_rows_within(matrix: Matrix, row: u32, column: u32) -> Rows {
  return vec4f(input_within(matrix, row, column), input_within(matrix, row + 1u, column),
               input_within(matrix, row + 2u, column), input_within(matrix, row + 3u, column));
}
fn value_of(values: Rows, row: u32) -> f32 { return values[row]; }
