// Products of many pairs of a row and an expert with the expert's matrix: a group computes 64 outputs of a tile of pairs
// with the same expert (sort_experts.wgsl), for all of which weights are decoded once.
//! option type: f32 f16 bf16 q4_0 q4_1 q5_0 q5_1 q8_0 q2_k q3_k q4_k q5_k q6_k
//! option type: iq1_s iq1_m iq2_xxs iq2_xs iq2_s iq3_xxs iq3_s iq4_nl iq4_xs tq1_0 tq2_0 mxfp4
//! parameters columns: u32, outputs: u32, row_bytes: u32, stride: u32, first_row: u32, first_expert: u32, experts: u32
//! parameters groups: u32, pairs: u32, most_tiles: u32, sharing: u32, weighs: u32, adds: u32, scale: f32, then: u32
//! parameters activation: u32, limit: f32, alpha_n: f32, alpha_p: f32, beta: f32, epsilon: f32
//! reads x: f32
//! reads weights: bytes
//! reads grid: u32
//! reads biases: f32
//! reads scales: f32
//! reads routes: u32
//! reads opened: f32
//! writes out: f32
//! use weights/{type}
//! use experts/pairs
//! use matrix/tiles

struct PairTile { expert: u32, first: u32, pairs: u32 }

var<workgroup> own_tile: PairTile;

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  let number = flat(group, groups);
  let tile_number = number / parameters.groups;
  if (tile_number >= parameters.most_tiles) { return; }
  if (thread == 0u) {
    let tile_count = 2u * parameters.pairs;
    var found = PairTile();
    if (tile_number < routes(tile_count)) {
      let at = tile_count + 1u + 3u * tile_number;
      found = PairTile(routes(at), routes(at + 1u), routes(at + 2u));
    }
    own_tile = found;
  }
  let tile = workgroupUniformLoad(&own_tile);
  if (tile.pairs == 0u || !is_here(tile.expert)) { return; }
  if (thread < tile.pairs) { pairs_here[thread] = routes(tile.first + thread); }
  workgroupBarrier();
  multiply_tile(matrix_of(tile.expert, tile.pairs), number % parameters.groups * TILE, 0u, thread);
}
