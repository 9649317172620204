// Each run of `size` elements of x *= by, element by element; without it every `columns` elements by one factor
// of the step's data.
//! parameters count: u32, size: u32, columns: u32, factors: u32
//! writes x: f32
//! reads by: f32

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  let i = flat(group, groups) * 256u + thread;
  if (i >= parameters.count) { return; }
  if (has_by()) { set_x(i, x(i) * by(i % parameters.size)); }
  else { set_x(i, x(i) * data_f32(parameters.factors + i / parameters.columns)); }
}
