// The 64 highest of a row's first columns, of equal ones the first, as Highest (engine/compute/highest.h): of 2048 floats
// of a row for each group, or of all that such groups found, in the order of their columns.
//! option from: row found
//! parameters count: u32, stride: u32
//! reads x: u32
//! writes highest: u32
//! use best/in_order

const TILE = 2048u;
const COUNT = 64u;
const LOWEST = 0xFF800000u;  // minus infinity

/// Where the value of number i is; what is found has its column COUNT words on.
fn place_of(i: u32) -> u32 {
  if (FROM_FOUND) { return i / COUNT * 2u * COUNT + i % COUNT; }
  return i;
}

/// A word that is larger where the value is; 0 of what is never among the highest.
fn score_at(base: u32, i: u32) -> u32 {
  let bits = x(place_of(base + i));
  let size = bits & 0x7FFFFFFFu;
  if (bits == LOWEST || size > 0x7F800000u) { return 0u; }
  if (size == 0u) { return 0x80000000u; }  // there are two zeros
  return select(bits | 0x80000000u, ~bits, bits >> 31u == 1u);
}

fn put(place: u32, value: u32, column: u32) {
  set_highest(place, value);
  set_highest(place + COUNT, column);
}

fn take(base: u32, i: u32, place: u32) {
  var column = i;
  if (FROM_FOUND) { column = x(place_of(base + i) + COUNT); }
  if (score_at(base, i) == 0u) { column = 0xFFFFFFFFu; }
  put(place, x(place_of(base + i)), column);
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  var first = 0u;
  var end = parameters.count;
  if (FROM_ROW) {
    first = group.x * TILE;
    end = min(first + TILE, end);
  }
  let to = (group.y * groups.x + group.x) * 2u * COUNT;
  take_best(group.y * parameters.stride, first, end, COUNT, to, thread);
  if (thread < COUNT && thread >= end - first) { put(to + thread, LOWEST, 0xFFFFFFFFu); }
}
