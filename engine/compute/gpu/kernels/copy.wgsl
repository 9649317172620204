// out = x, all of it.
//! parameters words: u32
//! reads x: u32
//! writes out: u32

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  let i = flat(group, groups) * 256u + thread;
  if (i < parameters.words) { set_out(i, x(i)); }
}
