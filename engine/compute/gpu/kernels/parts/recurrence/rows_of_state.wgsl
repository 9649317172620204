// The state of a head, [values, keys]: each of its rows is held by `lanes` neighbouring threads of a group, which go
// along a sequence together, so that groups are a grid of rows of states, heads and sequences. A kernel that uses it
// has the parameters heads, keys, values, lanes, sequences and stride, and a `state`.
//! use rows/of_sequence

// A thread holds every key of a row that is its lane, or any multiple of the lanes further; nobody else looks there.
// At most 8 of them, in memory of the group, as registers are not counted through by a loop of any length.
var<workgroup> held: array<f32, 2048>;

struct StateRow {
  head: u32,
  value: u32,      // which row of the state
  is_real: bool,   // else another thread has the same row, and writes it
  lane: u32,
  first: u32,      // in the state
  thread: u32,
}

fn state_row_of(sequence: Sequence, group: vec3u, thread: u32) -> StateRow {
  let own = group.x * (256u / parameters.lanes) + thread / parameters.lanes;
  let value = min(own, parameters.values - 1u);
  let first = sequence.slot * parameters.stride + (group.y * parameters.values + value) * parameters.keys;
  return StateRow(group.y, value, own == value, thread % parameters.lanes, first, thread);
}

// Where key i of them is held.
fn place_of(own: StateRow, i: u32) -> u32 { return own.thread + i / parameters.lanes * 256u; }

fn load_state(own: StateRow) {
  for (var i = own.lane; i < parameters.keys; i += parameters.lanes) {
    held[place_of(own, i)] = state(own.first + i);
  }
}

fn store_state(own: StateRow) {
  if (!own.is_real) { return; }
  for (var i = own.lane; i < parameters.keys; i += parameters.lanes) {
    set_state(own.first + i, held[place_of(own, i)]);
  }
}
