// What kernel attend found in tiles of positions, put together tile by tile as it does where it goes through them
// itself. A group takes a head of a row.
//! parameters rows: u32, n_head: u32, value_dimension: u32, most_tiles: u32
//! reads partial: f32
//! reads sinks: f32
//! writes out: f32
//! use attend/fold
//! use attend/row

const TILE = 256u;

@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) thread: u32) {
  let row = row_at(parameters.rows + group.y * ROW_WORDS);
  let number = row.row * parameters.n_head + group.x;
  let tiles = (row.end + TILE - 1u) / TILE - row.first / TILE;
  let tile_words = parameters.value_dimension + 2u;
  for (var column = thread; column < parameters.value_dimension; column += 128u) {
    var fold = Fold(MASKED, 0.0, 0.0, 0.0);
    var mix = 0.0;
    for (var tile = 0u; tile < tiles; tile++) {
      let begin = (number * parameters.most_tiles + tile) * tile_words;
      fold = folded(fold, partial(begin), partial(begin + 1u));
      mix = mix * fold.kept + partial(begin + 2u + column) * fold.added;
    }
    set_out(number * parameters.value_dimension + column, mix * norm_of(fold, group.x));
  }
}
