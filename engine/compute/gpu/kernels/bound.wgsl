// x = min(max(x, -limit), limit), or x = limit * tanh(x / limit).
//! option softly: no yes
//! parameters count: u32, limit: f32
//! writes x: f32
//! use activation/exponentials

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  let i = flat(group, groups) * 256u + thread;
  if (i >= parameters.count) { return; }
  let limit = parameters.limit;
  if (SOFTLY) { set_x(i, limit * hyperbolic_tangent(x(i) / limit)); }
  else { set_x(i, clamp(x(i), -limit, limit)); }
}
