// A selective state space (engine/compute/recurrence.h). A channel's state is held by `lanes` neighbouring threads,
// which go along its sequence together.
//! parameters channels: u32, n_state: u32, n_head: u32, n_group: u32, shares_decay: u32, lanes: u32, sequences: u32, stride: u32
//! reads x: f32
//! reads step: f32
//! reads in: f32
//! reads out: f32
//! reads decay: f32
//! reads skip: f32
//! writes state: f32
//! writes y: f32
//! use rows/of_sequence

const SUMS = 1u;
//! use sum/of_lanes

// Thread t has number j of its state, of at most 8, at 256 j + t; nobody else looks there.
var<workgroup> held: array<f32, 2048>;

fn place_of(i: u32, thread: u32) -> u32 { return i / parameters.lanes * 256u + thread; }

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let sequence = sequence_of(parameters.sequences, group.y);
  let n_state = parameters.n_state;
  let lanes = parameters.lanes;
  let lane = thread % lanes;
  let own = group.x * (256u / lanes) + thread / lanes;
  let channel = min(own, parameters.channels - 1u);
  let head = channel / (parameters.channels / parameters.n_head);
  let inputs = head / (parameters.n_head / parameters.n_group) * n_state;

  let first = sequence.slot * parameters.stride + channel * n_state;
  for (var i = lane; i < n_state; i += lanes) { held[place_of(i, thread)] = state(first + i); }
  for (var r = 0u; r < sequence.count; r++) {
    let row = row_of(sequence, r);
    let time = step(row * parameters.n_head + head);
    let value = x(row * parameters.channels + channel);
    let shared_first = row * parameters.n_group * n_state + inputs;
    var sum = 0.0;
    for (var i = lane; i < n_state; i += lanes) {
      let rate = decay(select(head * n_state + i, head, parameters.shares_decay != 0u));
      let next = exp(time * rate) * held[place_of(i, thread)] + time * value * in(shared_first + i);
      held[place_of(i, thread)] = next;
      sum += next * out(shared_first + i);
    }
    sum = sum_of_lanes(array(sum), thread, lanes)[0];
    if (lane == 0u && own == channel) { set_y(row * parameters.channels + channel, skip(head) * value + sum); }
  }
  if (own != channel) { return; }
  for (var i = lane; i < n_state; i += lanes) { set_state(first + i, held[place_of(i, thread)]); }
}
