// Turns the heads of q and k, as kernel rope does, and stores those of k and v in their pages. Positions go two by two,
// an even one and the one behind it: they begin and end with a word, while a word in between may be of both. A group
// takes a head of q, k or v at both.
//! option kv: f32 f16 q8_0 q4_0
//! parameters pairs_of_positions: u32, places: u32, positions: u32
//! parameters q_heads: u32, kv_heads: u32, key_dimension: u32, value_dimension: u32
//! parameters page_words: u32, values_begin: u32, key_words: u32, value_words: u32
//! parameters frequencies: u32, pairs: u32, is_adjacent: u32, magnitude: f32
//! writes q: f32
//! writes k: f32
//! reads v: f32
//! writes cache: u32
//! use rope/turn

/// What the group takes: the rows of both positions (or NO_ROW) and a head of k, or of v.
const NO_ROW = 0xFFFFFFFFu;
var<private> rows: vec2u;
var<private> head: u32;
var<private> of_values: bool;

fn has_position(odd: u32) -> bool { return rows[odd] != NO_ROW; }

fn element(odd: u32, i: u32) -> f32 {
  let head_of_rows = rows[odd] * parameters.kv_heads + head;
  if (of_values) { return v(head_of_rows * parameters.value_dimension + i); }
  return k(head_of_rows * parameters.key_dimension + i);
}
//! use kv/store_{kv}

/// Of q (or of k): both rows, by the threads of a group.
fn turn_head(is_query: bool, heads: u32, head_here: u32, thread: u32) {
  for (var i = thread; i < 2u * parameters.pairs; i += 64u) {
    let row = rows[i / parameters.pairs];
    if (row == NO_ROW) { continue; }
    let pair = i % parameters.pairs;
    let turn = turn_of(step_data[parameters.positions + row], pair);
    let at = (row * heads + head_here) * parameters.key_dimension + dimensions_of(pair);
    if (is_query) {
      let after = turned(vec2f(q(at.x), q(at.y)), turn);
      set_q(at.x, after.x);
      set_q(at.y, after.y);
    } else {
      let after = turned(vec2f(k(at.x), k(at.y)), turn);
      set_k(at.x, after.x);
      set_k(at.y, after.y);
    }
  }
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  let heads = parameters.q_heads + select(1u, 2u, has_v()) * parameters.kv_heads;
  let pair_of_positions = flat(group, groups) / heads;
  if (pair_of_positions >= parameters.pairs_of_positions) { return; }
  let place = parameters.places + 4u * pair_of_positions;
  rows = vec2u(step_data[place + 2u], step_data[place + 3u]);
  let head_of_all = flat(group, groups) % heads;
  if (head_of_all < parameters.q_heads) {
    turn_head(true, parameters.q_heads, head_of_all, thread);
    return;
  }
  head = (head_of_all - parameters.q_heads) % parameters.kv_heads;
  of_values = head_of_all - parameters.q_heads >= parameters.kv_heads;
  if (!of_values) { turn_head(false, parameters.kv_heads, head, thread); }
  storageBarrier();

  let page = step_data[place] * parameters.page_words;
  let dimension = select(parameters.key_dimension, parameters.value_dimension, of_values);
  let begin = page + select(head * parameters.key_words,
                            parameters.values_begin + head * parameters.value_words, of_values);
  for (var item = thread; item < items_of(dimension); item += 64u) {
    store(begin, step_data[place + 1u], dimension, item);
  }
}
