// Products of 64 rows of weights with 64 rows of x: each of a group's 256 threads has four by four of them, 16 rows
// apart, from tiles of 32 columns in the group's memory. The sums are those of packed_dot/no/segments.
// A kernel that uses it has a struct Matrix and says where rows of its weights begin, `row_of(matrix, i)`; what x is,
// `input(matrix, row, column)`, 0 behind the last row and the last column; and what comes of a product, `finish(matrix,
// row, output, product)`.
const TILE = 64u;

// Four columns of a row each, of 8 in a tile: those of a row begin where tile_place says, so that neither
// neighbouring rows nor neighbouring columns lie in the same banks.
alias InTile = vec4f;
var<workgroup> weights_tile: array<InTile, TILE * 8u>;
var<workgroup> x_tile: array<InTile, TILE * 8u>;

fn tile_place(row: u32, quarter: u32) -> u32 { return row * 8u + (quarter ^ (row & 7u)); }

fn input_quarter(matrix: Matrix, row: u32, column: u32) -> vec4f {
  return vec4f(input(matrix, row, column), input(matrix, row, column + 1u), input(matrix, row, column + 2u),
               input(matrix, row, column + 3u));
}

fn fill_tiles(matrix: Matrix, first_output: u32, first_row: u32, first: u32, thread: u32) {
  let row = thread % TILE;
  let eighth = thread / TILE;
  var eight = Eight();
  if (first + 8u * eighth < parameters.columns) {
    eight = eight_at(row_of(matrix, first_output + row), first / 8u + eighth);
  }
  weights_tile[tile_place(row, 2u * eighth)] = eight.low;
  weights_tile[tile_place(row, 2u * eighth + 1u)] = eight.high;
  for (var i = thread; i < TILE * 8u; i += 256u) {
    x_tile[tile_place(i / 8u, i % 8u)] = input_quarter(matrix, first_row + i / 8u, first + i % 8u * 4u);
  }
}

// Sums of a thread's four outputs, of its four rows each.
struct Sums { a: vec4f, b: vec4f, c: vec4f, d: vec4f }

fn add(x: Sums, y: Sums) -> Sums { return Sums(x.a + y.a, x.b + y.b, x.c + y.c, x.d + y.d); }

fn add_column(sums: Sums, weights: vec4f, by: vec4f) -> Sums {
  return Sums(fma(vec4f(weights.x), by, sums.a), fma(vec4f(weights.y), by, sums.b), fma(vec4f(weights.z), by, sums.c),
              fma(vec4f(weights.w), by, sums.d));
}

fn segment_sums(output: u32, row: u32) -> Sums {
  var sums = Sums();
  for (var quarter = 0u; quarter < 8u; quarter += 1u) {
    let weights = transpose(mat4x4f(
      weights_tile[tile_place(output, quarter)], weights_tile[tile_place(output + 16u, quarter)],
      weights_tile[tile_place(output + 32u, quarter)], weights_tile[tile_place(output + 48u, quarter)]));
    let by = transpose(mat4x4f(
      x_tile[tile_place(row, quarter)], x_tile[tile_place(row + 16u, quarter)],
      x_tile[tile_place(row + 32u, quarter)], x_tile[tile_place(row + 48u, quarter)]));
    sums = add_column(sums, weights[0], by[0]);
    sums = add_column(sums, weights[1], by[1]);
    sums = add_column(sums, weights[2], by[2]);
    sums = add_column(sums, weights[3], by[3]);
  }
  return sums;
}

fn multiply_tile(matrix: Matrix, first_output: u32, first_row: u32, thread: u32) {
  let output = thread % 16u;
  let row = thread / 16u;
  var totals = Sums();
  var range_sums = Sums();
  for (var first = 0u; first < parameters.columns; first += 32u) {
    workgroupBarrier();
    fill_tiles(matrix, first_output, first_row, first, thread);
    workgroupBarrier();
    range_sums = add(range_sums, segment_sums(output, row));
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
