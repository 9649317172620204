// out = rows of a table, times a scale: so many pairs of a row's number in the table and its row of out.
//! option type: f32 f16 bf16 q4_0 q4_1 q5_0 q5_1 q8_0 q2_k q3_k q4_k q5_k q6_k
//! option type: iq1_s iq1_m iq2_xxs iq2_xs iq2_s iq3_xxs iq3_s iq4_nl iq4_xs tq1_0 tq2_0 mxfp4
//! option type: q8_1 q8_k i8 i16 i32 i64 f64
//! parameters columns: u32, rows: u32, row_bytes: u32, pairs: u32, scale: f32
//! reads weights: bytes
//! reads grid: u32
//! writes out: f32
//! use weights/{type}

fn put(i: u32, column: u32, value: f32) {
  if (column < parameters.columns) { set_out(i + column, value * parameters.scale); }
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  let eighths = (parameters.columns + 7u) / 8u;
  let i = flat(group, groups) * 64u + thread;
  if (i >= parameters.rows * eighths) { return; }
  let pair = parameters.pairs + 2u * (i / eighths);
  let eighth = i % eighths;
  let eight = eight_at(step_data[pair] * parameters.row_bytes, eighth);
  let to = step_data[pair + 1u] * parameters.columns;
  for (var k = 0u; k < 4u; k += 1u) {
    put(to, 8u * eighth + k, eight.low[k]);
    put(to, 8u * eighth + 4u + k, eight.high[k]);
  }
}
