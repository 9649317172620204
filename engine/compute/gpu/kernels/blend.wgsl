// out = x + (y - x) * (weight + amounts).
//! parameters count: u32, columns: u32
//! reads x: f32
//! reads y: f32
//! reads weight: f32
//! reads amounts: f32
//! writes out: f32

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  let i = flat(group, groups) * 256u + thread;
  if (i >= parameters.count) { return; }
  var amount = 0.0;
  if (has_weight()) { amount += weight(i % parameters.columns); }
  if (has_amounts()) { amount += amounts(i); }
  set_out(i, x(i) + (y(i) - x(i)) * amount);
}
