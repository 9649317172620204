// x += y * scale.
//! parameters count: u32, scale: f32
//! writes x: f32
//! reads y: f32

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  let i = flat(group, groups) * 256u + thread;
  if (i < parameters.count) { set_x(i, x(i) + y(i) * parameters.scale); }
}
