// RWKV-7 before its norm (engine/compute/linear_attention.h). What is known under a key and what a query finds there
// before and after the change are sums over the same keys.
//! parameters heads: u32, keys: u32, values: u32, lanes: u32, sequences: u32, stride: u32
//! reads r: f32
//! reads k: f32
//! reads v: f32
//! reads decay: f32
//! reads a: f32
//! reads removal_key: f32
//! reads replacement_key: f32
//! writes state: f32
//! writes out: f32
//! use activation/exponentials
//! use recurrence/rows_of_state

const SUMS = 5u;
//! use sum/of_lanes

const FASTEST = 0.60653066;  // e^(-1/2)

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  // The group's alone: barriers stand where it leads.
  let sequence = sequence_of(parameters.sequences, group.z);
  let own = state_row_of(sequence, group, thread);
  let keys = parameters.keys;
  load_state(own);
  for (var n = 0u; n < sequence.count; n++) {
    let row = row_of(sequence, n);
    let first = (row * parameters.heads + own.head) * keys;
    let value = v(first + own.value);
    var sums: array<f32, SUMS>;
    for (var i = own.lane; i < keys; i += parameters.lanes) {
      let of_head = own.head * keys + i;
      let query = r(first + i);
      let removed = removal_key(of_head) * k(first + i);
      let replaced = a(first + i);
      let known = held[place_of(own, i)];
      let faded = known * exp(-FASTEST * sigmoid(decay(first + i)));
      held[place_of(own, i)] = faded;
      sums[0] += known * removed;
      sums[1] += faded * query;
      sums[2] += replaced * removed * query;
      sums[3] += k(first + i) * (1.0 + (replaced - 1.0) * replacement_key(of_head)) * query;
      sums[4] += removed * removed;
    }
    sums = sum_of_lanes(sums, thread, parameters.lanes);
    // Twice the factor that brings the removed key to length 1: of what is known under it, and of what goes.
    let length = max(sqrt(sums[4]), 1e-12);
    let known = sums[0] / length / length;
    for (var i = own.lane; i < keys; i += parameters.lanes) {
      let of_head = own.head * keys + i;
      let replaced = a(first + i);
      let key = 1.0 + (replaced - 1.0) * replacement_key(of_head);
      let change = value * key - known * replaced * removal_key(of_head);
      held[place_of(own, i)] += change * k(first + i);
    }
    if (own.lane == 0u && own.is_real) {
      set_out(first + own.value, sums[1] - known * sums[2] + value * sums[3]);
    }
  }
  store_state(own);
}
