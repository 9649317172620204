// Codes of x, as the processor's (engine/compute/cpu/matrix/quantize_row-inl.h): in each 32 columns of a row the
// largest magnitude becomes 127, and what 1 stands for is their scale. A kernel that uses it has a part of matrix/rows
// and one of packed_dot/yes/dots.

// Eight columns of as many rows as Rows has. All are there or none, as blocks of weights are no shorter.
alias EightColumns = array<Rows, 8>;

fn eight_columns(matrix: Matrix, row: u32, column: u32) -> EightColumns {
  var x: EightColumns;
  if (column >= parameters.columns) { return x; }
  for (var i = 0u; i < 8u; i += 1u) { x[i] = input_rows_within(matrix, row, column + i); }
  return x;
}

// Magnitudes order as their bits do, infinity and what is no number on top.
fn largest_bits(x: EightColumns) -> Codes {
  var eight = x;
  var largest = Codes(0u);
  for (var i = 0u; i < 8u; i += 1u) { largest = max(largest, bitcast<Codes>(eight[i]) & Codes(0x7FFFFFFFu)); }
  return largest;
}

// The reciprocal of what is below 2^-120 nears infinity: such columns count as zeros.
const SMALLEST = 0x03800000u;

fn scale_of_codes(largest: Codes) -> Rows {
  return select(bitcast<Rows>(largest) / Rows(127.0), Rows(0.0), largest < Codes(SMALLEST));
}

// A word has four codes, the first in its lowest byte. Where floats are integers, from 1.5 * 2^23 on, a sum is rounded,
// and its lowest byte is the code.
fn codes_of(x: EightColumns, largest: Codes) -> array<Codes, 2> {
  let factor = select(Rows(127.0) / bitcast<Rows>(largest), Rows(0.0), largest < Codes(SMALLEST));
  var eight = x;
  var words: array<Codes, 2>;
  for (var i = 0u; i < 8u; i += 1u) {
    let code = bitcast<Codes>(fma(eight[i], factor, Rows(12582912.0))) & Codes(0xFFu);
    words[i / 4u] |= code << Codes(8u * (i % 4u));
  }
  return words;
}
