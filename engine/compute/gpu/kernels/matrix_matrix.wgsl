// out = x * weights^T for many rows of x: a group computes 64 outputs of 64 rows.
//! option type: f32 f16 bf16 q4_0 q4_1 q5_0 q5_1 q8_0 q2_k q3_k q4_k q5_k q6_k
//! option type: iq1_s iq1_m iq2_xxs iq2_xs iq2_s iq3_xxs iq3_s iq4_nl iq4_xs tq1_0 tq2_0 mxfp4
//! option packed_dot: no yes
//! without packed_dot=yes type: f32 f16 bf16
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
//! use packed_dot/{packed_dot}/tiles

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  let number = flat(group, groups);
  let first_row = number / parameters.groups * TILE;
  if (first_row >= parameters.rows) { return; }
  let matrix = matrix_of_group(number % parameters.groups);
  multiply_tile(matrix, (number % parameters.groups - matrix.first_group) * TILE, first_row, thread);
}
