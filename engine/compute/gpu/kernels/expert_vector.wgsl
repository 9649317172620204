// Products of few pairs of a row and an expert with the expert's matrix. A group computes outputs of one pair.
//! option type: f32 f16 bf16 q4_0 q4_1 q5_0 q5_1 q8_0 q2_k q3_k q4_k q5_k q6_k
//! option type: iq1_s iq1_m iq2_xxs iq2_xs iq2_s iq3_xxs iq3_s iq4_nl iq4_xs tq1_0 tq2_0 mxfp4
//! option packed_dot: no yes
//! without packed_dot=yes type: f32 f16 bf16
//! option rows: 1
//! parameters columns: u32, outputs: u32, row_bytes: u32, stride: u32, first_row: u32, first_expert: u32, experts: u32
//! parameters groups: u32, pairs: u32, most_tiles: u32, sharing: u32, weighs: u32, adds: u32, scale: f32, then: u32
//! parameters activation: u32, limit: f32, alpha_n: f32, alpha_p: f32, beta: f32, epsilon: f32
//! reads x: f32
//! reads weights: bytes
//! reads grid: u32
//! reads biases: f32
//! reads scales: f32
//! reads routes: u32
//! reads opened: f32
//! writes out: f32
//! use weights/{type}
//! use experts/pairs

//! use matrix/rows/{rows}
//! use packed_dot/{packed_dot}/segments

var<workgroup> chosen: u32;

fn pair_of(matrix: Matrix, row: u32) -> u32 { return matrix.first + row; }

@compute @workgroup_size(THREADS)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  let number = flat(group, groups);
  let pair = number / parameters.groups;
  if (pair >= parameters.pairs) { return; }
  if (thread == 0u) { chosen = routes(pair); }
  let expert = workgroupUniformLoad(&chosen);
  if (!is_here(expert)) { return; }
  let matrix = matrix_of(expert, pair, 1u);
  let first = number % parameters.groups * OUTPUTS;
  let own = first + own_output(thread);
  let rows = vec4u(row_of(matrix, own), row_of(matrix, own + 1u), row_of(matrix, own + 2u), row_of(matrix, own + 3u));
  multiply_segments(matrix, 0u, rows, thread);
  if (thread < OUTPUTS) { finish(matrix, 0u, first + thread, totals[thread]); }
}
