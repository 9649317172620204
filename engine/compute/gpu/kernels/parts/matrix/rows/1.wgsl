// A value of one row of x.
alias Rows = f32;
fn input_rows(matrix: Matrix, row: u32, column: u32) -> Rows { return input(matrix, row, column); }
fn input_rows_within(matrix: Matrix, row: u32, column: u32) -> Rows { return input_within(matrix, row, column); }
fn value_of(values: Rows, row: u32) -> f32 { return values; }
