// out[i] = x[rows[i]], with rows in the step's data.
//! parameters count: u32, columns: u32, rows: u32
//! reads x: f32
//! writes out: f32

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  let i = flat(group, groups) * 256u + thread;
  if (i >= parameters.count) { return; }
  let row = step_data[parameters.rows + i / parameters.columns];
  set_out(i, x(row * parameters.columns + i % parameters.columns));
}
