// Each run of `size` elements of x += y * scale; with weights y * weights[row][column], of rows of so many columns.
//! parameters count: u32, size: u32, scale: f32, columns: u32, weight_columns: u32, column: u32
//! writes x: f32
//! reads y: f32
//! reads weights: f32

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  let i = flat(group, groups) * 256u + thread;
  if (i >= parameters.count) { return; }
  var factor = parameters.scale;
  if (has_weights()) { factor = weights(i / parameters.columns * parameters.weight_columns + parameters.column); }
  set_x(i, x(i) + y(i % parameters.size) * factor);
}
