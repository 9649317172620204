// Attention of up to QUERIES queries of one sequence to the keys and values of one head that they share: of several
// heads, and rows where there are more queries than heads. Positions go by tiles of 256; what comes of a tile is a
// function of the query and the tile alone. A group goes through all tiles, or (is_split) writes down what comes of
// one, of which kernel attend_merge makes the same result.
//! option kv: f32 f16 q8_0 q4_0
//! option queries: 1 4 8
//! parameters works: u32, n_head: u32, heads_a_key: u32, key_dimension: u32, value_dimension: u32
//! parameters page_words: u32, values_begin: u32, key_words: u32, value_words: u32, value_stride: u32
//! parameters scale: f32, soft_cap: f32, slopes: u32, gains: u32, distances: i32
//! parameters lists: u32, list_blocks: u32, block: u32, is_split: u32, most_tiles: u32
//! reads q: f32
//! reads cache: u32
//! reads sinks: f32
//! reads blocks: f32
//! writes out: f32
//! writes partial: f32
//! use kv/{kv}
//! use attend/fold
//! use attend/row
//! use attend/products

const TILE = 256u;
const NOWHERE = 0xFFFFFFFFu;
/// A thread's keys of a tile, and columns of a value where there is a thread for each 256th.
const ROUNDS = 8u / BATCH;
const COLUMNS = 3u - 2u * (QUERIES / 8u);

/// What the group does: queries [first_query, first_query + count), counted row by row from those at `rows` on, and
/// positions [first, end), that any of them sees.
struct Work {
  rows: u32,
  first_query: u32,
  count: u32,
  pages: u32,
  first: u32,
  end: u32,
}

struct Query {
  row: Row,
  head: u32,
}

var<workgroup> reduced: array<f32, PLANES * KEYS>;
var<workgroup> tile_largest: array<f32, QUERIES>;
var<workgroup> folds: array<Fold, QUERIES>;

fn query_of(work: Work, key_head: u32, index: u32) -> Query {
  let number = work.first_query + min(index, work.count - 1u);
  let group = parameters.heads_a_key;
  return Query(row_at(work.rows + number / group * ROW_WORDS), key_head * group + number % group);
}

/// Of the i-th that a row sees.
fn position_of(row: Row, key_head: u32, i: u32) -> u32 {
  if (!row.chooses) { return i; }
  let list = select(0u, key_head, parameters.lists > 1u);
  let entry = (row.row * parameters.lists + list) * parameters.list_blocks + i / parameters.block;
  return u32(blocks(entry)) * parameters.block + i % parameters.block;
}

fn page_of(work: Work, position: u32) -> u32 {
  return step_data[work.pages + position / 64u] * parameters.page_words;
}

fn score_of(product: f32, query: Query, key_head: u32, i: u32) -> f32 {
  var score = product * parameters.scale;
  if (parameters.soft_cap != 0.0) {
    // Beyond 10 tanh is 1.
    score = parameters.soft_cap * tanh(clamp(score / parameters.soft_cap, -10.0, 10.0));
  }
  if (parameters.slopes == NOWHERE && parameters.gains == NOWHERE) { return score; }
  let distance = i32(position_of(query.row, key_head, i)) - i32(query.row.position);
  if (parameters.gains != NOWHERE) {
    let most = parameters.distances / 2;
    let at = i32(query.head) * parameters.distances + clamp(distance, -most, most) + most;
    score += data_f32(parameters.gains + u32(at));
  }
  if (parameters.slopes != NOWHERE) { score -= data_f32(parameters.slopes + query.head) * f32(abs(distance)); }
  return score;
}

/// Has `numbers` hold, for each position of a tile, the shares of all queries, `reduced` their sums by threads, and
/// `tile_largest` the scores beside which they are shares.
fn find_shares(work: Work, key_head: u32, base: u32, thread: u32) {
  let key_row = query_of(work, key_head, 0u).row;
  let query_index = thread / KEYS % QUERIES;
  let query = query_of(work, key_head, query_index);
  let has_scores = thread < PLANES * KEYS;
  var scores: array<f32, ROUNDS>;
  for (var round = 0u; round < ROUNDS; round++) { scores[round] = MASKED; }
  var largest = MASKED;
  // As many as there are keys for. Nor do drivers unroll this then: barriers take some long to compile.
  let rounds = (min(TILE, work.end - base) + BATCH * KEYS - 1u) / (BATCH * KEYS);
  for (var round = 0u; round < rounds; round++) {
    for (var pass_of_batch = 0u; pass_of_batch < BATCH; pass_of_batch++) {
      let i = base + (round * BATCH + pass_of_batch) * KEYS + thread / LANES;
      let has_key = i >= work.first && i < work.end;
      var page = 0u;
      var slot = 0u;
      if (has_key) {
        let position = position_of(key_row, key_head, i);
        page = page_of(work, position);
        slot = position % 64u;
      }
      add_products(pass_of_batch, has_key, page + key_head * parameters.key_words, slot, thread);
    }
    workgroupBarrier();
    if (has_scores) {
      let i = base + (round * BATCH + thread / KEYS / QUERIES) * KEYS + thread % KEYS;
      if (i >= query.row.first && i < query.row.end) {
        scores[round] = score_of(product_of(thread), query, key_head, i);
        largest = max(largest, scores[round]);
      }
    }
    workgroupBarrier();
  }
  if (has_scores) { reduced[thread] = largest; }
  workgroupBarrier();
  for (var i = 0u; i < BATCH * KEYS; i++) {
    largest = max(largest, reduced[(i / KEYS * QUERIES + query_index) * KEYS + i % KEYS]);
  }
  for (var round = 0u; has_scores && round < ROUNDS; round++) {
    let i = (round * BATCH + thread / KEYS / QUERIES) * KEYS + thread % KEYS;
    numbers[i * QUERIES + query_index] = select(share_of(scores[round] - largest), 0.0, scores[round] == MASKED);
  }
  if (thread < QUERIES * KEYS && thread % KEYS == 0u) { tile_largest[query_index] = largest; }
  workgroupBarrier();
  if (thread < QUERIES * KEYS) {
    var sum = 0.0;
    for (var i = thread % KEYS; i < TILE; i += KEYS) { sum += numbers[i * QUERIES + query_index]; }
    reduced[thread] = sum;
  }
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let at = parameters.works + 6u * group.x;
  let work = Work(step_data[at], step_data[at + 1u], step_data[at + 2u], step_data[at + 3u], step_data[at + 4u],
                  step_data[at + 5u]);
  let key_head = group.y;
  let key_fours = (parameters.key_dimension + 3u) / 4u;
  for (var i = thread; i < QUERIES * key_fours; i += 256u) {
    let query = query_of(work, key_head, i / key_fours);
    let begin = (query.row.row * parameters.n_head + query.head) * parameters.key_dimension;
    set_query_four(i / key_fours, i % key_fours, q_four(begin, i % key_fours, parameters.key_dimension));
  }
  if (thread < QUERIES) { folds[thread] = Fold(MASKED, 0.0, 0.0, 0.0); }

  // A value's elements by fours, of which each slice of the threads takes all, of a part of the positions.
  let fours = (parameters.value_dimension + 3u) / 4u;
  let slices = 256u / fours;
  let slice = thread / fours;
  let key_row = query_of(work, key_head, 0u).row;
  var mixes: array<f32, QUERIES * COLUMNS>;  // of columns thread, thread + 256, ...
  var tile = work.first / TILE + parameters.is_split * group.z;
  var end_tile = (work.end + TILE - 1u) / TILE;
  if (parameters.is_split != 0u) { end_tile = min(end_tile, tile + 1u); }
  for (; tile < end_tile; tile++) {
    workgroupBarrier();
    find_shares(work, key_head, tile * TILE, thread);

    var tile_mixes: array<vec4f, QUERIES>;
    let end = min(TILE, work.end - tile * TILE);
    for (var n = slice; slice < slices && n < end; n += slices) {
      let i = tile * TILE + n;
      if (i < work.first) { continue; }
      let position = position_of(key_row, key_head, i);
      let begin = page_of(work, position) + parameters.values_begin + key_head * parameters.value_words;
      let value = kv_four(begin, position % 64u, parameters.value_stride, thread % fours);
      for (var query = 0u; query < QUERIES; query++) { tile_mixes[query] += numbers[n * QUERIES + query] * value; }
    }
    workgroupBarrier();
    if (thread < QUERIES) {
      var sum = 0.0;
      for (var i = 0u; i < KEYS; i++) { sum += reduced[thread * KEYS + i]; }
      folds[thread] = folded(folds[thread], tile_largest[thread], sum);
    }
    for (var query = 0u; query < work.count; query++) {
      if (slice < slices) {
        var mix = vec4f(0.0);  // chosen so that no index of it varies, and it stays in registers above
        for (var i = 0u; i < QUERIES; i++) { mix = select(mix, tile_mixes[i], i == query); }
        for (var i = 0u; i < 4u; i++) { numbers[4u * thread + i] = mix[i]; }
      }
      workgroupBarrier();
      let fold = folds[query];
      for (var column = 0u; column < COLUMNS; column++) {
        let own = thread + 256u * column;
        if (own >= parameters.value_dimension) { break; }
        var sum = 0.0;
        for (var other = 0u; other < slices; other++) { sum += numbers[4u * fours * other + own]; }
        mixes[query * COLUMNS + column] = mixes[query * COLUMNS + column] * fold.kept + sum * fold.added;
      }
      workgroupBarrier();
    }
  }
  if (parameters.is_split != 0u && tile == work.first / TILE + group.z) { return; }

  for (var index = 0u; index < work.count; index++) {
    let query = query_of(work, key_head, index);
    let fold = folds[index];
    let number = query.row.row * parameters.n_head + query.head;
    var begin = number * parameters.value_dimension;
    var factor = 1.0;
    if (parameters.is_split != 0u) {
      // Tiles are counted from the first that the row sees.
      let own_tile = tile - 1u - query.row.first / TILE;
      if (tile - 1u < query.row.first / TILE || own_tile >= parameters.most_tiles) { continue; }
      begin = (number * parameters.most_tiles + own_tile) * (parameters.value_dimension + 2u);
      if (thread == 0u) {
        set_partial(begin, fold.largest);
        set_partial(begin + 1u, fold.sum);
      }
      begin += 2u;
    } else {
      factor = norm_of(fold, query.head);
    }
    for (var column = 0u; column < COLUMNS; column++) {
      let own = thread + 256u * column;
      if (own >= parameters.value_dimension) { break; }
      let mix = mixes[index * COLUMNS + column] * factor;
      if (parameters.is_split != 0u) { set_partial(begin + own, mix); } else { set_out(begin + own, mix); }
    }
  }
}
