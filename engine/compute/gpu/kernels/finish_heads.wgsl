// What RWKV does with a head's output (engine/compute/linear_attention.h): its norm, and in RWKV-7, where there is a
// bonus, v (k' . (bonus * r)) behind it. A head of a row is held by `lanes` neighbouring threads.
//! parameters heads: u32, keys: u32, lanes: u32, count: u32, epsilon: f32
//! writes out: f32
//! reads weight: f32
//! reads bias: f32
//! reads r: f32
//! reads k: f32
//! reads v: f32
//! reads a: f32
//! reads replacement_key: f32
//! reads bonus: f32

const SUMS = 2u;
//! use sum/of_lanes

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  let keys = parameters.keys;
  let lane = thread % parameters.lanes;
  let own = flat(group, groups) * (256u / parameters.lanes) + thread / parameters.lanes;
  let number = min(own, parameters.count - 1u);  // of all rows' heads
  let first = number * keys;
  let of_head = number % parameters.heads * keys;

  var sums: array<f32, SUMS>;
  for (var i = lane; i < keys; i += parameters.lanes) {
    sums[0] += out(first + i);
    if (has_bonus()) {
      let key = k(first + i) * (1.0 + (a(first + i) - 1.0) * replacement_key(of_head + i));
      sums[1] += key * bonus(of_head + i) * r(first + i);
    }
  }
  sums = sum_of_lanes(sums, thread, parameters.lanes);
  let mean = sums[0] / f32(keys);
  let added = sums[1];
  var spread: array<f32, SUMS>;
  for (var i = lane; i < keys; i += parameters.lanes) {
    spread[0] += (out(first + i) - mean) * (out(first + i) - mean);
  }
  let variance = sum_of_lanes(spread, thread, parameters.lanes)[0] / f32(keys);
  let factor = 1.0 / sqrt(variance + parameters.epsilon);
  if (own != number) { return; }
  for (var i = lane; i < keys; i += parameters.lanes) {
    var value = out(first + i);
    if (has_weight()) { value = (value - mean) * factor * weight(of_head + i) + bias(of_head + i); }
    if (has_bonus()) { value += v(first + i) * added; }
    set_out(first + i, value);
  }
}
