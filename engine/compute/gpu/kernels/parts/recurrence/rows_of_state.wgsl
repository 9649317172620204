// The state of a head, [values, keys]: each of its rows is held by `lanes` neighbouring threads of a group, which go
// along a sequence together, so that groups are a grid of rows of states, heads and sequences. A kernel that uses it
// has the parameters heads, keys, values, lanes, sequences and stride, and a `state`.
//! use rows/of_sequence

const HELD = 16u;  // numbers of a state by one thread

var<private> held: array<f32, HELD>;

struct StateRow {
  sequence: Sequence,
  head: u32,
  value: u32,      // which row of the state
  is_real: bool,   // else another thread has the same row, and writes it
  lane: u32,
  first: u32,      // in the state
}

fn state_row_of(group: vec3u, thread: u32) -> StateRow {
  let sequence = sequence_of(parameters.sequences, group.z);
  let own = group.x * (256u / parameters.lanes) + thread / parameters.lanes;
  let value = min(own, parameters.values - 1u);
  let first = sequence.slot * parameters.stride + (group.y * parameters.values + value) * parameters.keys;
  return StateRow(sequence, group.y, value, own == value, thread % parameters.lanes, first);
}

// Which of the keys it is that a thread holds as its number j; maybe none.
fn key_of(row: StateRow, j: u32) -> u32 { return row.lane + j * parameters.lanes; }

fn load_state(row: StateRow) {
  for (var j = 0u; j < HELD; j++) {
    if (key_of(row, j) < parameters.keys) { held[j] = state(row.first + key_of(row, j)); }
  }
}

fn store_state(row: StateRow) {
  if (!row.is_real) { return; }
  for (var j = 0u; j < HELD; j++) {
    if (key_of(row, j) < parameters.keys) { set_state(row.first + key_of(row, j), held[j]); }
  }
}
