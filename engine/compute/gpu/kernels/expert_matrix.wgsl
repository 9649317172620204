// Products of many pairs of a row and an expert with the expert's matrix: a group computes 64 outputs of a tile of
// pairs with the same expert (sort_experts.wgsl), for all of which weights are decoded once.
//! option type: f32 f16 bf16 q4_0 q4_1 q5_0 q5_1 q8_0 q2_k q3_k q4_k q5_k q6_k
//! option type: iq1_s iq1_m iq2_xxs iq2_xs iq2_s iq3_xxs iq3_s iq4_nl iq4_xs tq1_0 tq2_0 mxfp4
//! option packed_dot: no yes
//! without packed_dot=yes type: f32 f16 bf16
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
//! use packed_dot/{packed_dot}/tiles

// By what they multiply: the tiles take all of the group's memory.
fn pair_of(matrix: Matrix, row: u32) -> u32 { return routes(matrix.first + row); }

// The expert, the first pair, and how many there are; of a tile that is none 0. A group tells itself by way of its
// memory, in numbers that floats hold, too.
fn told_tile(number: u32, thread: u32) -> vec4u {
  if (thread == 0u) {
    let tile_count = 2u * parameters.pairs;
    var tile = vec4u();
    if (number < routes(tile_count)) {
      let at = tile_count + 1u + 3u * number;
      tile = vec4u(routes(at), routes(at + 1u), routes(at + 2u), 0u);
    }
    weights_tile[0] = InTile(tile);
  }
  return vec4u(workgroupUniformLoad(&weights_tile[0]));
}

@compute @workgroup_size(256)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  let number = flat(group, groups);
  let tile_number = number / parameters.groups;
  if (tile_number >= parameters.most_tiles) { return; }
  let tile = told_tile(tile_number, thread);
  if (tile.z == 0u || !is_here(tile.x)) { return; }
  multiply_tile(matrix_of(tile.x, tile.y, tile.z), number % parameters.groups * TILE, 0u, thread);
}
