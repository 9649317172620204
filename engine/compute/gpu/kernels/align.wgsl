// out = bytes, from its first one on, to words; behind the last one whatever.
//! parameters bytes: u32
//! reads from: bytes
//! writes out: u32

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  let i = flat(group, groups) * 256u + thread;
  if (4u * i >= parameters.bytes) { return; }
  let shift = 8u * (parameters.from_begin & 3u);
  let low = from_aligned_word(4u * i) >> shift;
  let high = from_aligned_word(min(4u * i + 3u, parameters.bytes - 1u));
  set_out(i, low | ((high << 1u) << (31u - shift)));
}
