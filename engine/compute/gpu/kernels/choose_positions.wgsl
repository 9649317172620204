// Scores of 256 positions for a row: of each head its product with the position's key, for a list of its own, or with
// weights the sum of all heads' products above 0 by those. As words in the order of the scores.
//! option kv: f32 f16 q8_0 q4_0
//! option queries: 4
//! parameters rows: u32, heads: u32, lists: u32, key_dimension: u32, page_words: u32, stride: u32
//! reads q: f32
//! reads cache: u32
//! reads weights: f32
//! writes scores: u32
//! use kv/{kv}
//! use attend/products

const TILE = 256u;
const ROUNDS = 8u / BATCH;

/// A word that is larger where the score is.
fn ordered(score: f32) -> u32 {
  let bits = bitcast<u32>(select(score, 0.0, score == 0.0));  // there are two zeros
  return select(bits | 0x80000000u, ~bits, bits >> 31u == 1u);
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let row = parameters.rows + 3u * group.y;
  let row_number = step_data[row];
  let end = step_data[row + 1u] + 1u;
  let pages = step_data[row + 2u];
  let base = group.x * TILE;
  if (base >= end) { return; }
  let fours = (parameters.key_dimension + 3u) / 4u;
  let query = thread / KEYS;  // or none
  var sums: array<f32, ROUNDS>;
  let rounds = (min(TILE, end - base) + KEYS - 1u) / KEYS;
  for (var first_head = 0u; first_head < parameters.heads; first_head += QUERIES) {
    for (var i = thread; i < QUERIES * fours; i += 256u) {
      let head = min(first_head + i / fours, parameters.heads - 1u);
      let begin = (row_number * parameters.heads + head) * parameters.key_dimension;
      set_query_four(i / fours, i % fours, q_four(begin, i % fours, parameters.key_dimension));
    }
    workgroupBarrier();
    let head = first_head + query;
    let has_head = query < QUERIES && head < parameters.heads;
    for (var round = 0u; round < rounds; round++) {
      let position = base + round * KEYS + thread / LANES;
      var page = 0u;
      if (position < end) { page = step_data[pages + position / 64u] * parameters.page_words; }
      add_products(0u, position < end, page, position % 64u, thread);
      workgroupBarrier();
      if (has_head) {
        let product = product_of(thread);
        let own = base + round * KEYS + thread % KEYS;
        if (has_weights()) {
          sums[round] += weights(row_number * parameters.heads + head) * max(product, 0.0);
        } else if (own < end) {
          set_scores((group.y * parameters.lists + head) * parameters.stride + own, ordered(product));
        }
      }
      workgroupBarrier();
    }
  }
  if (!has_weights()) { return; }
  if (query < QUERIES) {
    for (var round = 0u; round < ROUNDS; round++) {
      numbers[query * TILE + round * KEYS + thread % KEYS] = sums[round];
    }
  }
  workgroupBarrier();
  var sum = 0.0;
  for (var other = 0u; other < QUERIES; other++) { sum += numbers[other * TILE + thread]; }
  if (base + thread < end) { set_scores(group.y * parameters.stride + base + thread, ordered(sum)); }
}
