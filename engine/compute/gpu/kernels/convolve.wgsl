// y[r] = taps[0] x[r - count + 1] + ... + taps[count - 1] x[r] + bias, column by column, along each sequence, of which
// the state holds the count - 1 rows before the batch, and then the last ones; without taps the first of those count
// rows. A thread has a column and a piece of a sequence: where there are several pieces, states are set in a pass of
// its own.
//! parameters columns: u32, count: u32, piece_rows: u32, computes: u32, remembers: u32, sequences: u32, stride: u32
//! reads x: f32
//! reads taps: f32
//! reads bias: f32
//! writes state: f32
//! writes y: f32
//! use rows/of_sequence

// Of the column: the rows of the state come before those of the batch.
fn value_at(sequence: Sequence, i: u32, column: u32) -> f32 {
  let before = parameters.count - 1u;
  if (i < before) { return state(sequence.slot * parameters.stride + i * parameters.columns + column); }
  return x(row_of(sequence, i - before) * parameters.columns + column);
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let sequence = sequence_of(parameters.sequences, group.z);
  let column = group.x * 256u + thread;
  if (column >= parameters.columns) { return; }
  let first = group.y * parameters.piece_rows;
  let end = select(first, min(first + parameters.piece_rows, sequence.count), parameters.computes != 0u);
  for (var i = first; i < end; i++) {
    var sum = 0.0;
    if (!has_taps()) { sum = value_at(sequence, i, column); }
    else {
      if (has_bias()) { sum = bias(column); }
      for (var k = 0u; k < parameters.count; k++) {
        sum += taps(column * parameters.count + k) * value_at(sequence, i + k, column);
      }
    }
    set_y(row_of(sequence, i) * parameters.columns + column, sum);
  }
  if (parameters.remembers == 0u) { return; }
  for (var i = 0u; i + 1u < parameters.count; i++) {
    set_state(sequence.slot * parameters.stride + i * parameters.columns + column,
              value_at(sequence, sequence.count + i, column));
  }
}
