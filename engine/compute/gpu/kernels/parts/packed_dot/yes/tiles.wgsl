// Products of 64 rows of weights with 64 rows of x by their codes: each of a group's 256 threads has four by four of
// them, 16 rows apart, from tiles of 32 columns in the group's memory, of which each thread makes eight columns of a
// row of both. The sums are those of packed_dot/yes/segments.
//
// For 64 by 64 a thread holds 16 sums of each kind (ranges, segments, integers) and 16 words to multiply, which the
// registers of small devices hold, too. For 32 columns of one product it has 8 dot products and 3 to 5 instructions for
// scales, as with any tile; to make codes and decode weights takes 100 instructions, which its 16 products share. The
// two tiles are 8 KiB, so that 16 KiB of the group's memory have room for two groups.
//
// A kernel that uses it has a struct Matrix and says where rows of its weights begin, `row_of(matrix, i)`; what x is,
// `input_within(matrix, row, column)`; and what comes of a product, `finish(matrix, row, output, product)`.
//! use matrix/rows/1
//! use packed_dot/yes/dots/1
//! use packed_dot/yes/codes
//! use packed_dot/yes/runs
const TILE = 64u;

// Eight columns of a row each, of 32 in a tile: their two words of codes, and two floats: of weights scale and minimum,
// of x the sum of the codes and their scale. They lie where tile_place says, so that neighbouring rows have different
// banks.
alias InTile = vec4u;
var<workgroup> weights_tile: array<InTile, TILE * 4u>;
var<workgroup> x_tile: array<InTile, TILE * 4u>;
var<workgroup> largest_of_eighths: array<u32, TILE * 4u>;

fn tile_place(row: u32, eighth: u32) -> u32 { return row * 4u + (eighth ^ ((row >> 1u) & 3u)); }

fn weights_in_tile(matrix: Matrix, output: u32, eighth: u32) -> InTile {
  if (8u * eighth >= parameters.columns) { return vec4u(); }
  let coded = coded_at(row_of(matrix, output), eighth);
  return vec4u(coded.codes, bitcast<u32>(coded.scale), bitcast<u32>(coded.minimum));
}

fn fill_tiles(matrix: Matrix, first_output: u32, first_row: u32, first: u32, thread: u32) {
  let row = thread / 4u;
  let eighth = thread % 4u;
  let x = eight_columns(matrix, first_row + row, first + 8u * eighth);
  largest_of_eighths[thread] = largest_bits(x);
  let place = tile_place(row, eighth);
  weights_tile[place] = weights_in_tile(matrix, first_output + row, first / 8u + eighth);
  workgroupBarrier();
  var largest = 0u;
  for (var i = 0u; i < 4u; i += 1u) { largest = max(largest, largest_of_eighths[4u * row + i]); }
  let codes = codes_of(x, largest);
  let sum = f32(dots(ONES, codes[0]) + dots(ONES, codes[1]));
  x_tile[place] = vec4u(codes[0], codes[1], bitcast<u32>(sum), bitcast<u32>(scale_of_codes(largest)));
}

// Of a thread's four outputs, of its four rows each.
struct Sums { a: vec4f, b: vec4f, c: vec4f, d: vec4f }
struct Products { a: vec4i, b: vec4i, c: vec4i, d: vec4i }
struct FourInTile { a: InTile, b: InTile, c: InTile, d: InTile }

fn weights_at(output: u32, eighth: u32) -> FourInTile {
  return FourInTile(weights_tile[tile_place(output, eighth)], weights_tile[tile_place(output + 16u, eighth)],
                    weights_tile[tile_place(output + 32u, eighth)], weights_tile[tile_place(output + 48u, eighth)]);
}

fn x_at(row: u32, eighth: u32) -> FourInTile {
  return FourInTile(x_tile[tile_place(row, eighth)], x_tile[tile_place(row + 16u, eighth)],
                    x_tile[tile_place(row + 32u, eighth)], x_tile[tile_place(row + 48u, eighth)]);
}

fn of_rows(x: FourInTile, i: u32) -> vec4f { return bitcast<vec4f>(vec4u(x.a[i], x.b[i], x.c[i], x.d[i])); }

fn add_dots(weights: InTile, x: FourInTile, begin: vec4i) -> vec4i {
  let low = vec4i(dots(weights.x, x.a.x), dots(weights.x, x.b.x), dots(weights.x, x.c.x), dots(weights.x, x.d.x));
  let high = vec4i(dots(weights.y, x.a.y), dots(weights.y, x.b.y), dots(weights.y, x.c.y), dots(weights.y, x.d.y));
  return begin + low + high;
}

fn add_run_of(weights: InTile, products: vec4i, sums_of_codes: vec4f, begin: vec4f) -> vec4f {
  let sum = fma(vec4f(bitcast<f32>(weights.z)), vec4f(products), begin);
  if (!HAS_MINIMUM) { return sum; }
  return fma(vec4f(bitcast<f32>(weights.w)), sums_of_codes, sum);
}

// Adds a segment's sums to those of the range, times the scales of x.
fn add_segment(output: u32, row: u32, range: Sums) -> Sums {
  var sums = Sums();
  for (var run = 0u; run < RUNS; run += 1u) {
    var products = Products();
    var sums_of_codes = vec4f();
    for (var i = run * RUN; i < run * RUN + RUN; i += 1u) {
      let weights = weights_at(output, i);
      let x = x_at(row, i);
      products.a = add_dots(weights.a, x, products.a);
      products.b = add_dots(weights.b, x, products.b);
      products.c = add_dots(weights.c, x, products.c);
      products.d = add_dots(weights.d, x, products.d);
      if (HAS_MINIMUM) { sums_of_codes += of_rows(x, 2u); }
    }
    let weights = weights_at(output, run * RUN);
    sums.a = add_run_of(weights.a, products.a, sums_of_codes, sums.a);
    sums.b = add_run_of(weights.b, products.b, sums_of_codes, sums.b);
    sums.c = add_run_of(weights.c, products.c, sums_of_codes, sums.c);
    sums.d = add_run_of(weights.d, products.d, sums_of_codes, sums.d);
  }
  let scales = of_rows(x_at(row, 0u), 3u);
  return Sums(fma(scales, sums.a, range.a), fma(scales, sums.b, range.b), fma(scales, sums.c, range.c),
              fma(scales, sums.d, range.d));
}

fn add(x: Sums, y: Sums) -> Sums { return Sums(x.a + y.a, x.b + y.b, x.c + y.c, x.d + y.d); }

fn multiply_tile(matrix: Matrix, first_output: u32, first_row: u32, thread: u32) {
  let output = thread % 16u;
  let row = thread / 16u;
  var totals = Sums();
  var range_sums = Sums();
  for (var first = 0u; first < parameters.columns; first += 32u) {
    workgroupBarrier();
    fill_tiles(matrix, first_output, first_row, first, thread);
    workgroupBarrier();
    range_sums = add_segment(output, row, range_sums);
    if (first % 512u == 480u || first + 32u >= parameters.columns) {
      totals = add(totals, range_sums);
      range_sums = Sums();
    }
  }
  // From one place, as some drivers take a function in wherever it is called.
  let products = array<vec4f, 4>(totals.a, totals.b, totals.c, totals.d);
  for (var i = 0u; i < 16u; i += 1u) {
    finish(matrix, first_row + row + 16u * (i % 4u), first_output + output + 16u * (i / 4u), products[i / 4u][i % 4u]);
  }
}
