// What gpu/kernels/parts/packed_dot/yes/tiles does, with the same sums, by CUDA's matrix units: products of 64 rows of
// weights with 64 rows of x by their codes, from tiles of 32 columns. Each of the group's 8 warps has 16 outputs of 32 rows
// of x; while it multiplies one pair of tiles, the next ones are filled, so that a step takes one barrier.
//! use matrix/rows/1
//! use packed_dot/yes/dots/1
//! use packed_dot/yes/codes
//! use packed_dot/yes/runs
const TILE = 64u;
const WARP = 32u;

// The words of a row's codes are 8, and 4 more apart from the next row's: 12 * row + word, for 8 rows and 4 words, are all
// different banks.
const ROW_WORDS = 12u;
const CODES = TILE * ROW_WORDS;  // of a tile

// Two of each: which is filled, and which is multiplied.
var<workgroup> weights_codes: array<u32, 2u * CODES>;
var<workgroup> x_codes: array<u32, 2u * CODES>;
var<workgroup> weights_scales: array<vec2f, 2u * TILE * RUNS>;  // scale and minimum of a run
var<workgroup> x_sums: array<f32, 2u * TILE * RUNS>;            // of the codes of a run
var<workgroup> x_scales: array<f32, 2u * TILE>;

// By which kernels tell themselves what they work on.
alias InTile = vec4u;
var<workgroup> weights_tile: array<InTile, 1>;

// The four threads of a row are neighbours, one for eight columns each.
fn largest_of_row(own: u32) -> u32 {
  let of_two = max(own, subgroupShuffleXor(own, 1u));
  return max(of_two, subgroupShuffleXor(of_two, 2u));
}

// The sum of a run, of that of each eighth.
fn sum_of_run(own: f32) -> f32 {
  var sum = own;
  if (RUN >= 2u) { sum += subgroupShuffleXor(sum, 1u); }
  if (RUN == 4u) { sum += subgroupShuffleXor(sum, 2u); }
  return sum;
}

fn fill_weights(matrix: Matrix, output: u32, place: u32, first: u32, eighth: u32) {
  var coded = Coded();
  if (first + 8u * eighth < parameters.columns) { coded = coded_at(row_of(matrix, output), first / 8u + eighth); }
  weights_codes[place * ROW_WORDS + 2u * eighth] = coded.codes.x;
  weights_codes[place * ROW_WORDS + 2u * eighth + 1u] = coded.codes.y;
  if (eighth % RUN == 0u) { weights_scales[place * RUNS + eighth / RUN] = vec2f(coded.scale, coded.minimum); }
}

fn fill_x(matrix: Matrix, row: u32, place: u32, first: u32, eighth: u32) {
  let x = eight_columns(matrix, row, first + 8u * eighth);
  let largest = largest_of_row(largest_bits(x));
  let codes = codes_of(x, largest);
  x_codes[place * ROW_WORDS + 2u * eighth] = codes[0];
  x_codes[place * ROW_WORDS + 2u * eighth + 1u] = codes[1];
  if (HAS_MINIMUM) {
    let sum = sum_of_run(f32(dots(ONES, codes[0]) + dots(ONES, codes[1])));
    if (eighth % RUN == 0u) { x_sums[place * RUNS + eighth / RUN] = sum; }
  }
  if (eighth == 0u) { x_scales[place] = scale_of_codes(largest); }
}

// Those of the columns from `first` on: tiles by turns.
fn fill_tiles(matrix: Matrix, first_output: u32, first_row: u32, first: u32, thread: u32) {
  let row = thread / 4u;
  let eighth = thread % 4u;
  let place = first / 32u % 2u * TILE + row;
  fill_weights(matrix, first_output + row, place, first, eighth);
  fill_x(matrix, first_row + row, place, first, eighth);
}

// What a warp's matrix units make of 16 rows of `weights` and 8 rows of `x`, of 32 codes: all sums of products. PTX's
// mma.m16n8k32 says which words a lane brings and which sums it gets ("PTX ISA", Matrix fragments for mma.m16n8k32): with
// row = lane / 4 and word = lane % 4, word and word + 4 of the rows `row` and `row` + 8 of weights, and of row `row` of x;
// the sums of those two rows of weights with the rows 2 * word and 2 * word + 1 of x.
// Its body is products_of_warp in engine/compute/cuda/language.
fn products_of_warp(weights: vec4u, x: vec2u) -> vec4i { return vec4i(); }

// A lane's weights, but for zeros where they are of other runs.
fn of_run(weights: vec4u, run: u32, word: u32) -> vec4u {
  if (RUN == 4u) { return weights; }
  let is_own = RUN == 2u || word / 2u == run % 2u;
  let half = run * RUN / 2u;
  return vec4u(select(vec2u(), weights.xy, is_own && half == 0u), select(vec2u(), weights.zw, is_own && half == 1u));
}

// Of two outputs, 8 apart, with two neighbouring rows of x each.
fn add_segment(place: u32, x_place: u32, lane: u32, range: vec4f) -> vec4f {
  let word = lane % 4u;
  let low = (place + lane / 4u) * ROW_WORDS + word;
  let high = low + 8u * ROW_WORDS;
  let weights = vec4u(weights_codes[low], weights_codes[high], weights_codes[low + 4u], weights_codes[high + 4u]);
  let x = (x_place + lane / 4u) * ROW_WORDS + word;
  let by = vec2u(x_codes[x], x_codes[x + 4u]);
  let output = place + lane / 4u;
  let row = x_place + 2u * word;
  var sums = vec4f();
  for (var run = 0u; run < RUNS; run += 1u) {
    let products = vec4f(products_of_warp(of_run(weights, run, word), by));
    let a = weights_scales[output * RUNS + run];
    let b = weights_scales[(output + 8u) * RUNS + run];
    sums = fma(vec4f(a.x, a.x, b.x, b.x), products, sums);
    if (HAS_MINIMUM) {
      let codes = vec2f(x_sums[row * RUNS + run], x_sums[(row + 1u) * RUNS + run]);
      sums = fma(vec4f(a.y, a.y, b.y, b.y), codes.xyxy, sums);
    }
  }
  let scales = vec2f(x_scales[row], x_scales[row + 1u]);
  return fma(scales.xyxy, sums, range);
}

// Of four times eight rows of x.
struct Sums { a: vec4f, b: vec4f, c: vec4f, d: vec4f }

fn add(x: Sums, y: Sums) -> Sums { return Sums(x.a + y.a, x.b + y.b, x.c + y.c, x.d + y.d); }

fn multiply_tile(matrix: Matrix, first_output: u32, first_row: u32, thread: u32) {
  let lane = thread % WARP;
  let output = thread / WARP % 4u * 16u;
  let row = thread / WARP / 4u * 32u;
  var totals = Sums();
  var range = Sums();
  fill_tiles(matrix, first_output, first_row, 0u, thread);
  for (var first = 0u; first < parameters.columns; first += 32u) {
    workgroupBarrier();
    if (first + 32u < parameters.columns) { fill_tiles(matrix, first_output, first_row, first + 32u, thread); }
    let tile = first / 32u % 2u * TILE;
    range = Sums(add_segment(tile + output, tile + row, lane, range.a),
                 add_segment(tile + output, tile + row + 8u, lane, range.b),
                 add_segment(tile + output, tile + row + 16u, lane, range.c),
                 add_segment(tile + output, tile + row + 24u, lane, range.d));
    if (first % 512u == 480u || first + 32u >= parameters.columns) {
      totals = add(totals, range);
      range = Sums();
    }
  }
  let own_output = first_output + output + lane / 4u;
  let own_row = first_row + row + lane % 4u * 2u;
  // From one place, as in the part that this one stands for.
  let products = array<vec4f, 4>(totals.a, totals.b, totals.c, totals.d);
  for (var i = 0u; i < 16u; i += 1u) {
    finish(matrix, own_row + i / 4u * 8u + i % 2u, own_output + i / 2u % 2u * 8u, products[i / 4u][i % 4u]);
  }
}
