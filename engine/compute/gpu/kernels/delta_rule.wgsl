// The delta rule with a gate (engine/compute/linear_attention.h). Queries and keys become of length 1 by factors: what
// a state holds under a key, and what a query finds there before and after the change, are sums over the same keys.
//! parameters heads: u32, keys: u32, values: u32, lanes: u32, sequences: u32, stride: u32, key_heads: u32, neighbours_share_keys: u32, decays: u32, epsilon: f32
//! reads q: f32
//! reads k: f32
//! reads v: f32
//! reads decay: f32
//! reads strength: f32
//! reads decay_bias: f32
//! reads decay_rate: f32
//! writes state: f32
//! writes out: f32
//! use activation/exponentials
//! use recurrence/rows_of_state

const SUMS = 5u;
//! use sum/of_lanes

// Of dimension i of the keys; `decays` is how many of those there are: all, or one for a head.
fn fading(row: u32, head: u32, i: u32) -> f32 {
  let at = head * parameters.decays + i;
  return exp(decay_rate(head) * softplus(decay(row * parameters.heads * parameters.decays + at) + decay_bias(at)));
}

fn key_head_of(head: u32) -> u32 {
  if (parameters.neighbours_share_keys != 0u) { return head / (parameters.heads / parameters.key_heads); }
  return head % parameters.key_heads;
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  // The group's alone: barriers stand where it leads.
  let sequence = sequence_of(parameters.sequences, group.z);
  let own = state_row_of(sequence, group, thread);
  load_state(own);
  for (var r = 0u; r < sequence.count; r++) {
    let row = row_of(sequence, r);
    let first = (row * parameters.key_heads + key_head_of(own.head)) * parameters.keys;
    var g = fading(row, own.head, 0u);
    var sums: array<f32, SUMS>;
    for (var i = own.lane; i < parameters.keys; i += parameters.lanes) {
      if (parameters.decays > 1u) { g = fading(row, own.head, i); }
      let key = k(first + i);
      let query = q(first + i);
      let faded = held[place_of(own, i)] * g;
      held[place_of(own, i)] = faded;
      sums[0] += faded * key;
      sums[1] += faded * query;
      sums[2] += key * query;
      sums[3] += key * key;
      sums[4] += query * query;
    }
    sums = sum_of_lanes(sums, thread, parameters.lanes);
    let key_factor = 1.0 / sqrt(sums[3] + parameters.epsilon);
    let query_factor = 1.0 / sqrt((sums[4] + parameters.epsilon) * f32(parameters.keys));
    let at = (row * parameters.heads + own.head) * parameters.values + own.value;
    let change = (v(at) - sums[0] * key_factor) * strength(row * parameters.heads + own.head) * key_factor;
    for (var i = own.lane; i < parameters.keys; i += parameters.lanes) {
      held[place_of(own, i)] += change * k(first + i);
    }
    if (own.lane == 0u && own.is_real) { set_out(at, (sums[1] + change * sums[2]) * query_factor); }
  }
  store_state(own);
}
