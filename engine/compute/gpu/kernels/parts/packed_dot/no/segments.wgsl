// Products of OUTPUTS rows of weights with ROWS rows of x: the 64 threads of a group go along the columns, each with a
// segment of 32 of four rows of weights at a time.
//
// The sum that both this and packed_dot/no/tiles make: the products of a segment are added one after the other, the
// sums of 16 segments (a range), and those of the ranges, too. It depends on nothing but the number of columns.
//
// A kernel that uses it has a struct Matrix, an option `rows`, and a part of matrix/rows.
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

// Of its outputs the four that a thread works on begin with this one.
fn own_output(thread: u32) -> u32 { return thread / SEGMENTS * 4u; }

// `rows` is where the weights of a thread's four outputs begin. What comes of it is in `totals`.
fn multiply_segments(matrix: Matrix, first_row: u32, rows: vec4u, thread: u32) {
  let segment = thread % SEGMENTS;
  let own = own_output(thread);
  var total = Rows(0.0);  // of output `thread`
  for (var first = 0u; first < parameters.columns; first += 32u * SEGMENTS) {
    for (var i = thread; i < 32u * SEGMENTS; i += THREADS) {
      inputs[i / 32u * SEGMENT_STRIDE + i % 32u] = input_rows(matrix, first_row, first + i);
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
        sum_0 = add_products(rows[0], eighth, by, sum_0);
        sum_1 = add_products(rows[1], eighth, by, sum_1);
        sum_2 = add_products(rows[2], eighth, by, sum_2);
        sum_3 = add_products(rows[3], eighth, by, sum_3);
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
}
