// RWKV-6 before its norm, or gated linear attention (engine/compute/linear_attention.h).
//! parameters heads: u32, keys: u32, values: u32, lanes: u32, sequences: u32, stride: u32, heads_kv: u32
//! reads r: f32
//! reads k: f32
//! reads v: f32
//! reads decay: f32
//! reads bonus: f32
//! writes state: f32
//! writes out: f32
//! use recurrence/rows_of_state

const SUMS = 2u;
//! use sum/of_lanes

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  // The group's alone: barriers stand where it leads.
  let sequence = sequence_of(parameters.sequences, group.z);
  let own = state_row_of(sequence, group, thread);
  let keys = parameters.keys;
  let head_kv = own.head / (parameters.heads / parameters.heads_kv);
  load_state(own);
  for (var n = 0u; n < sequence.count; n++) {
    let row = row_of(sequence, n);
    let first = (row * parameters.heads + own.head) * keys;
    let first_kv = (row * parameters.heads_kv + head_kv) * keys;
    let value = v(first_kv + own.value);
    var sums: array<f32, SUMS>;
    for (var i = own.lane; i < keys; i += parameters.lanes) {
      // e^10 is more than enough for nothing to be left.
      let g = exp(-exp(min(decay(first + i), 10.0)));
      let query = r(first + i);
      var key = k(first_kv + i);
      if (!has_bonus()) { key *= 1.0 - g; }
      let before = held[place_of(own, i)];
      let after = before * g + value * key;
      held[place_of(own, i)] = after;
      if (has_bonus()) {
        sums[0] += before * query;
        sums[1] += bonus(own.head * keys + i) * key * query;
      } else { sums[0] += after * query; }
    }
    sums = sum_of_lanes(sums, thread, parameters.lanes);
    var found = sums[0] + value * sums[1];
    if (!has_bonus()) { found /= sqrt(f32(keys)); }
    if (own.lane == 0u && own.is_real) { set_out(first + own.value, found); }
  }
  store_state(own);
}
