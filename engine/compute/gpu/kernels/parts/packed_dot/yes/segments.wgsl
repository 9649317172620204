// Products of OUTPUTS rows of weights with ROWS rows of x by their codes: each of a group's threads makes codes of
// eight columns of x, and then has a segment of 32 columns of four rows of weights.
//
// Every group makes the codes of its rows of x; 16 outputs share that (kernels/README.md says what it takes). As many
// segments at a time as 16 KiB of the group's memory have room for leave each thread few weights, so that many threads
// have a share of a matrix.
//
// The sum that both this and packed_dot/yes/tiles make: the integers of a run (packed_dot/yes/runs), the runs of a
// segment as floats, 16 segments (a range) times the scale of x, and the ranges, each one after the other. It depends
// on nothing but the number of columns.
//
// A kernel that uses it has a struct Matrix, an option `rows`, and a part of matrix/rows.
//! use packed_dot/yes/dots/{rows}
//! use packed_dot/yes/codes
//! use packed_dot/yes/runs
const THREADS = 4u * SEGMENTS;
const OUTPUTS = 16u;
const RANGES = SEGMENTS / 16u;
// The sums of neighbouring ranges begin in different banks of the group's memory.
const RANGE_STRIDE = 17u;

// The words of a segment lie SEGMENTS apart: those of neighbours are in different banks.
var<workgroup> codes: array<Codes, 8u * SEGMENTS>;
var<workgroup> scales_of_x: array<Rows, SEGMENTS>;
var<workgroup> largest_of_eighths: array<Codes, THREADS>;
var<workgroup> segment_sums: array<Rows, OUTPUTS * RANGES * RANGE_STRIDE>;
var<workgroup> range_sums: array<Rows, OUTPUTS * RANGES>;
var<workgroup> totals: array<Rows, OUTPUTS>;

// Of the columns from `first` on.
fn make_codes(matrix: Matrix, first_row: u32, first: u32, thread: u32) {
  let x = eight_columns(matrix, first_row, first + 8u * thread);
  largest_of_eighths[thread] = largest_bits(x);
  workgroupBarrier();
  let segment = thread / 4u;
  var largest = Codes(0u);
  for (var i = 0u; i < 4u; i += 1u) { largest = max(largest, largest_of_eighths[4u * segment + i]); }
  let words = codes_of(x, largest);
  let place = thread % 4u * 2u * SEGMENTS + segment;
  codes[place] = words[0];
  codes[place + SEGMENTS] = words[1];
  if (thread % 4u == 0u) { scales_of_x[segment] = scale_of_codes(largest); }
  workgroupBarrier();
}

fn add_dots(weights: vec2u, place: u32, begin: Dots) -> Dots {
  return begin + dots(weights.x, codes[place]) + dots(weights.y, codes[place + SEGMENTS]);
}

// One eighth after the other, as a loop is too long for most compilers to unroll: what all have in common is read once.
fn add_run(row: u32, eighth: u32, place: u32, sum_of_codes: Rows, begin: Rows) -> Rows {
  let weights = coded_at(row, eighth);
  var products = add_dots(weights.codes, place, Dots(0));
  if (RUN > 1u) { products = add_dots(coded_at(row, eighth + 1u).codes, place + 2u * SEGMENTS, products); }
  if (RUN > 2u) {
    products = add_dots(coded_at(row, eighth + 2u).codes, place + 4u * SEGMENTS, products);
    products = add_dots(coded_at(row, eighth + 3u).codes, place + 6u * SEGMENTS, products);
  }
  let sum = fma(Rows(weights.scale), Rows(products), begin);
  if (!HAS_MINIMUM) { return sum; }
  return fma(Rows(weights.minimum), sum_of_codes, sum);
}

fn sum_of_codes(place: u32) -> Rows {
  var sum = Dots(0);
  for (var word = 0u; word < 2u * RUN; word += 1u) { sum += dots(ONES, codes[place + word * SEGMENTS]); }
  return Rows(sum);
}

// Of a thread's four outputs, in units of the scale of x.
struct FourSums { a: Rows, b: Rows, c: Rows, d: Rows }

fn sums_of_segment(rows: vec4u, first_eighth: u32, segment: u32) -> FourSums {
  var sums = FourSums();
  for (var run = 0u; run < RUNS; run += 1u) {
    let eighth = first_eighth + run * RUN;
    let place = 2u * run * RUN * SEGMENTS + segment;
    var of_codes = Rows(0.0);
    if (HAS_MINIMUM) { of_codes = sum_of_codes(place); }
    sums.a = add_run(rows[0], eighth, place, of_codes, sums.a);
    sums.b = add_run(rows[1], eighth, place, of_codes, sums.b);
    sums.c = add_run(rows[2], eighth, place, of_codes, sums.c);
    sums.d = add_run(rows[3], eighth, place, of_codes, sums.d);
  }
  return sums;
}

// Of its outputs the four that a thread works on begin with this one.
fn own_output(thread: u32) -> u32 { return thread / SEGMENTS * 4u; }

// `rows` is where the weights of a thread's four outputs begin. What comes of it is in `totals`.
fn multiply_segments(matrix: Matrix, first_row: u32, rows: vec4u, thread: u32) {
  let segment = thread % SEGMENTS;
  var total = Rows(0.0);  // of output `thread`
  for (var first = 0u; first < parameters.columns; first += 32u * SEGMENTS) {
    make_codes(matrix, first_row, first, thread);
    var sums = FourSums();
    if (first + 32u * segment < parameters.columns) {
      sums = sums_of_segment(rows, 4u * (first / 32u + segment), segment);
    }
    let at = own_output(thread) * RANGES * RANGE_STRIDE + segment / 16u * RANGE_STRIDE + segment % 16u;
    segment_sums[at] = sums.a;
    segment_sums[at + RANGES * RANGE_STRIDE] = sums.b;
    segment_sums[at + 2u * RANGES * RANGE_STRIDE] = sums.c;
    segment_sums[at + 3u * RANGES * RANGE_STRIDE] = sums.d;
    workgroupBarrier();
    if (thread < OUTPUTS * RANGES) {
      var sum = Rows(0.0);
      for (var i = 0u; i < 16u; i += 1u) {
        sum = fma(scales_of_x[thread % RANGES * 16u + i], segment_sums[thread * RANGE_STRIDE + i], sum);
      }
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
