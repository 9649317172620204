// Brings pairs of a row and an expert into the order of the experts' matrices, for expert_matrix.wgsl. Behind what
// choose_experts.wgsl wrote come the number of tiles, each of up to 64 pairs with one matrix; the tiles, by the matrix,
// where their pairs begin, and how many there are; and behind `most_tiles` of those the pairs. In which order those of
// one matrix come is left to chance: what comes of a pair is the same wherever it stands. One group.
//! parameters pairs: u32, matrices: u32, most_tiles: u32
//! writes routes: u32

const TILE = 64u;

var<workgroup> counts: array<atomic<u32>, 1024>;

struct Before { pairs: u32, tiles: u32 }

// What matrices before this one have.
fn before(matrix: u32) -> Before {
  var sums = Before();
  for (var i = 0u; i < matrix; i++) {
    let count = atomicLoad(&counts[i]);
    sums.pairs += count;
    sums.tiles += (count + TILE - 1u) / TILE;
  }
  return sums;
}

@compute @workgroup_size(256)
fn main(@builtin(local_invocation_index) thread: u32) {
  let tile_count = 2u * parameters.pairs;
  let tiles = tile_count + 1u;
  let order = tiles + 3u * parameters.most_tiles;
  for (var i = thread; i < parameters.matrices; i += 256u) { atomicStore(&counts[i], 0u); }
  workgroupBarrier();
  for (var i = thread; i < parameters.pairs; i += 256u) { atomicAdd(&counts[routes(i)], 1u); }
  workgroupBarrier();
  var firsts: array<u32, 4>;
  for (var i = thread; i < parameters.matrices; i += 256u) {
    let own = before(i);
    let count = atomicLoad(&counts[i]);
    for (var first = 0u; first < count; first += TILE) {
      let at = tiles + 3u * (own.tiles + first / TILE);
      set_routes(at, i);
      set_routes(at + 1u, order + own.pairs + first);
      set_routes(at + 2u, min(TILE, count - first));
    }
    firsts[i / 256u] = own.pairs;
  }
  if (thread == 0u) { set_routes(tile_count, before(parameters.matrices).tiles); }
  workgroupBarrier();
  // From now on where the next pair of each goes.
  for (var i = thread; i < parameters.matrices; i += 256u) { atomicStore(&counts[i], firsts[i / 256u]); }
  workgroupBarrier();
  for (var i = thread; i < parameters.pairs; i += 256u) {
    set_routes(order + atomicAdd(&counts[routes(i)], 1u), i);
  }
}
