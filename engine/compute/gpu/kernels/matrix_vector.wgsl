// out = x * weights^T for few rows of x. A group computes as many outputs as follow each other, of ROWS rows.
//! option type: f32 f16 bf16 q4_0 q4_1 q5_0 q5_1 q8_0 q2_k q3_k q4_k q5_k q6_k
//! option type: iq1_s iq1_m iq2_xxs iq2_xs iq2_s iq3_xxs iq3_s iq4_nl iq4_xs tq1_0 tq2_0 mxfp4
//! option packed_dot: no yes
//! without packed_dot=yes type: f32 f16 bf16
//! option rows: 1 4
//! parameters columns: u32, rows: u32, row_bytes: u32, x_columns: u32
//! parameters table: u32, matrices: u32, groups: u32, most_groups: u32, then: u32
//! parameters activation: u32, limit: f32, alpha_n: f32, alpha_p: f32, beta: f32, epsilon: f32
//! reads x: f32
//! reads weights: bytes
//! reads grid: u32
//! reads biases: f32
//! reads scales: f32
//! writes out: f32
//! writes sum: f32
//! use weights/{type}
//! use matrix/finish
//! use matrix/rows/{rows}
//! use packed_dot/{packed_dot}/segments

// Which rows of weights a group has: its share of one matrix, or halves of that of two.
struct Share { matrix: Matrix, first: u32, up: Matrix }

fn weights_row(share: Share, i: u32) -> u32 {
  if (parameters.then != OPEN_SECOND) { return row_of(share.matrix, share.first + i); }
  if (i < OUTPUTS / 2u) { return row_of(share.matrix, share.first + i); }
  return row_of(share.up, share.first + i - OUTPUTS / 2u);
}

fn share_of(group: u32) -> Share {
  if (parameters.then == OPEN_SECOND) { return Share(matrix_of(0u), group * (OUTPUTS / 2u), matrix_of(1u)); }
  let matrix = matrix_of_group(group);
  return Share(matrix, (group - matrix.first_group) * OUTPUTS, matrix);
}

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  let number = flat(group, groups);
  let first_row = number / parameters.groups * ROWS;
  if (first_row >= parameters.rows) { return; }
  let share = share_of(number % parameters.groups);
  let own = own_output(thread);
  let rows = vec4u(weights_row(share, own), weights_row(share, own + 1u), weights_row(share, own + 2u),
                   weights_row(share, own + 3u));
  multiply_segments(share.matrix, first_row, rows, thread);
  let row = thread / OUTPUTS;
  let output = thread % OUTPUTS;
  if (row >= ROWS) { return; }
  // Where the first matrix opens the second, the second half of a group's outputs is the second's.
  if (parameters.then == OPEN_SECOND && output >= OUTPUTS / 2u) { return; }
  let up = value_of(totals[min(output + OUTPUTS / 2u, OUTPUTS - 1u)], row);
  finish_with(share.matrix, first_row + row, share.first + output, value_of(totals[output], row), up);
}
