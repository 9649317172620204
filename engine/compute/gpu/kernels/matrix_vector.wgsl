// out = x * weights^T for few rows of x. A group computes as many outputs as follow each other, of ROWS rows; its
// threads go along the columns, each with a segment of 32 of four rows of weights at a time.
//
// The sum that both kernels of products make: the products of a segment are added one after the other, the sums of 16
// segments (a range), and those of the ranges, too. It depends on nothing but the number of columns.
//! option type: f32 f16 bf16 q4_0 q4_1 q5_0 q5_1 q8_0 q2_k q3_k q4_k q5_k q6_k
//! option type: iq1_s iq1_m iq2_xxs iq2_xs iq2_s iq3_xxs iq3_s iq4_nl iq4_xs tq1_0 tq2_0 mxfp4
//! option rows: 1 4
//! parameters columns: u32, rows: u32, row_bytes: u32, x_columns: u32
//! parameters table: u32, matrices: u32, groups: u32, most_groups: u32, then: u32
//! parameters activation: u32, limit: f32, alpha_n: f32, alpha_p: f32, beta: f32, epsilon: f32
//! reads x: f32
//! reads weights: bytes
//! reads grid: u32
//! reads biases: f32
//! reads scales: f32
//! writes out: f32
//! writes sum: f32
//! use weights/{type}
//! use matrix/finish
//! use matrix/rows/{rows}

const THREADS = 64u;
const SEGMENTS = THREADS / ROWS;  // at a time; ROWS threads have the same one, and different rows of weights
const OUTPUTS = 4u * ROWS;
const RANGES = SEGMENTS / 16u;
// Neighbours begin in different banks of the group's memory: a segment's inputs, a range's sums.
const SEGMENT_STRIDE = 33u;
const RANGE_STRIDE = 17u;

var<workgroup> inputs: array<Rows, SEGMENTS * SEGMENT_STRIDE>;
var<workgroup> segment_sums: array<Rows, OUTPUTS * RANGES * RANGE_STRIDE>;
var<workgroup> range_sums: array<Rows, OUTPUTS * RANGES>;
var<workgroup> totals: array<Rows, OUTPUTS>;

struct Inputs { a: Rows, b: Rows, c: Rows, d: Rows, e: Rows, f: Rows, g: Rows, h: Rows }

fn inputs_from(at: u32) -> Inputs {
  return Inputs(inputs[at], inputs[at + 1u], inputs[at + 2u], inputs[at + 3u], inputs[at + 4u], inputs[at + 5u],
                inputs[at + 6u], inputs[at + 7u]);
}

fn add_products(row: u32, eighth: u32, by: Inputs, begin: Rows) -> Rows {
  let weights = eight_at(row, eighth);
  var sum = fma(Rows(weights.low.x), by.a, begin);
  sum = fma(Rows(weights.low.y), by.b, sum);
  sum = fma(Rows(weights.low.z), by.c, sum);
  sum = fma(Rows(weights.low.w), by.d, sum);
  sum = fma(Rows(weights.high.x), by.e, sum);
  sum = fma(Rows(weights.high.y), by.f, sum);
  sum = fma(Rows(weights.high.z), by.g, sum);
  return fma(Rows(weights.high.w), by.h, sum);
}

// Which rows of weights a group has: its share of one matrix, or halves of that of two.
struct Share { matrix: Matrix, first: u32, up: Matrix }

fn weights_row(share: Share, i: u32) -> u32 {
  if (parameters.then != OPEN_SECOND) { return row_of(share.matrix, share.first + i); }
  if (i < OUTPUTS / 2u) { return row_of(share.matrix, share.first + i); }
  return row_of(share.up, share.first + i - OUTPUTS / 2u);
}

fn share_of(group: u32) -> Share {
  if (parameters.then == OPEN_SECOND) { return Share(matrix_of(0u), group * (OUTPUTS / 2u), matrix_of(1u)); }
  let matrix = matrix_of_group(group);
  return Share(matrix, (group - matrix.first_group) * OUTPUTS, matrix);
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) thread: u32) {
  let number = flat(group, groups);
  let first_row = number / parameters.groups * ROWS;
  if (first_row >= parameters.rows) { return; }
  let share = share_of(number % parameters.groups);
  let segment = thread % SEGMENTS;
  let own = thread / SEGMENTS * 4u;
  let row_0 = weights_row(share, own);
  let row_1 = weights_row(share, own + 1u);
  let row_2 = weights_row(share, own + 2u);
  let row_3 = weights_row(share, own + 3u);
  var total = Rows(0.0);  // of output `thread`
  for (var first = 0u; first < parameters.columns; first += 32u * SEGMENTS) {
    for (var i = thread; i < 32u * SEGMENTS; i += THREADS) {
      inputs[i / 32u * SEGMENT_STRIDE + i % 32u] = input_rows(share.matrix, first_row, first + i);
    }
    workgroupBarrier();
    var sum_0 = Rows(0.0);
    var sum_1 = Rows(0.0);
    var sum_2 = Rows(0.0);
    var sum_3 = Rows(0.0);
    if (first + 32u * segment < parameters.columns) {
      for (var part = 0u; part < 4u; part += 1u) {
        let eighth = first / 8u + 4u * segment + part;
        let by = inputs_from(segment * SEGMENT_STRIDE + 8u * part);
        sum_0 = add_products(row_0, eighth, by, sum_0);
        sum_1 = add_products(row_1, eighth, by, sum_1);
        sum_2 = add_products(row_2, eighth, by, sum_2);
        sum_3 = add_products(row_3, eighth, by, sum_3);
      }
    }
    let at = own * RANGES * RANGE_STRIDE + segment / 16u * RANGE_STRIDE + segment % 16u;
    segment_sums[at] = sum_0;
    segment_sums[at + RANGES * RANGE_STRIDE] = sum_1;
    segment_sums[at + 2u * RANGES * RANGE_STRIDE] = sum_2;
    segment_sums[at + 3u * RANGES * RANGE_STRIDE] = sum_3;
    workgroupBarrier();
    if (thread < OUTPUTS * RANGES) {
      var sum = Rows(0.0);
      for (var i = 0u; i < 16u; i += 1u) { sum += segment_sums[thread * RANGE_STRIDE + i]; }
      range_sums[thread] = sum;
    }
    workgroupBarrier();
    if (thread < OUTPUTS) {
      for (var i = 0u; i < RANGES; i += 1u) { total += range_sums[thread * RANGES + i]; }
    }
  }
  if (thread < OUTPUTS) { totals[thread] = total; }
  workgroupBarrier();
  let row = thread / OUTPUTS;
  let output = thread % OUTPUTS;
  if (row >= ROWS) { return; }
  let product = value_of(totals[output], row);
  if (parameters.then != OPEN_SECOND) {
    finish(share.matrix, first_row + row, share.first + output, product);
  } else if (output < OUTPUTS / 2u && first_row + row < parameters.rows &&
             share.first + output < share.matrix.outputs) {
    let up = value_of(totals[output + OUTPUTS / 2u], row);
    put(share.matrix, first_row + row, share.first + output, gated(product, up));
  }
}
