// x = activation(x), element by element.
//! parameters count: u32, activation: u32, limit: f32, alpha_n: f32, alpha_p: f32, beta: f32, epsilon: f32
//! writes x: f32
//! use activation/activation

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  let i = flat(group, groups) * 256u + thread;
  if (i < parameters.count) { set_x(i, activated(x(i))); }
}
