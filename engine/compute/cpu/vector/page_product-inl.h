// A small matrix product, c = a b, in registers: what both halves of attention are made of. Needs F32.
//
// Every c[r][j] is ((start + a[r][0] b[0][j]) + a[r][1] b[1][j]) + ..., one multiply_add after the other,
// whichever rows and columns are computed beside it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/compute/cpu/simd/unroll.h"
#include "engine/compute/cpu/vector/prefetch-inl.h"

namespace hearth::cpu {
namespace {

/// a is f32 [rows, depth], b is f32 or f16 [depth, columns], c is f32 [rows, columns]; strides in elements.
template <typename Element>
struct Product {
  const float* a;
  int64_t a_stride;
  const Element* b;
  int64_t b_stride;
  float* c;
  int64_t c_stride;
  int64_t depth;
  const float* keep;       // per row: c starts at keep * what it was; null: at 0
  const std::byte* ahead;  // what is read after b, as long as b: fetched meanwhile; null: nothing
};

/// A tile's rows and registers to a row. Halves are converted to f32 each time they are loaded, so theirs are
/// twice as tall and half as wide.
template <typename Element>
constexpr int kRowsOf = sizeof(Element) == sizeof(float) ? kTileRows : 2 * kTileRows;
template <typename Element>
constexpr int kVectorsOf = sizeof(Element) == sizeof(float) ? kTileVectors : kTileVectors / 2;

/// Register `v` of `vectors`; the last one is `last` lanes wide where Partial.
template <bool Partial, typename Element>
inline F32 load_vector(const Element* row, int v, int vectors, int64_t last) {
  const Element* const from = row + v * F32::kWidth;
  return Partial && v == vectors - 1 ? load_partial(from, last) : load(from);
}

/// Rows x Vectors registers of c.
template <int Rows, int Vectors, bool Partial, typename Element>
inline void multiply_tile(const Product<Element>& p, int64_t row, int64_t column, int64_t last) {
  constexpr auto kSize = static_cast<int64_t>(sizeof(Element));
  F32 sums[Rows][Vectors];
  float* const c = p.c + row * p.c_stride + column;
  HEARTH_UNROLL for (int r = 0; r < Rows; ++r) {
    HEARTH_UNROLL for (int v = 0; v < Vectors; ++v) {
      sums[r][v] = zero();
      if (p.keep == nullptr) continue;
      sums[r][v] = load_vector<Partial>(c + r * p.c_stride, v, Vectors, last) * broadcast(p.keep[row + r]);
    }
  }
  const float* const a = p.a + row * p.a_stride;
  const Element* b = p.b + column;
  const std::byte* const ahead = row == 0 ? p.ahead : nullptr;
  for (int64_t i = 0; i < p.depth; ++i, b += p.b_stride) {
    prefetch(ahead, (b - p.b) * kSize, Vectors * F32::kWidth * kSize);
    F32 factors[Vectors];
    HEARTH_UNROLL for (int v = 0; v < Vectors; ++v) factors[v] = load_vector<Partial>(b, v, Vectors, last);
    HEARTH_UNROLL for (int r = 0; r < Rows; ++r) {
      const F32 factor = broadcast(a[r * p.a_stride + i]);
      HEARTH_UNROLL for (int v = 0; v < Vectors; ++v) {
        sums[r][v] = multiply_add(factor, factors[v], sums[r][v]);
      }
    }
  }
  HEARTH_UNROLL for (int r = 0; r < Rows; ++r) {
    HEARTH_UNROLL for (int v = 0; v < Vectors; ++v) {
      float* const to = c + r * p.c_stride + v * F32::kWidth;
      if (Partial && v == Vectors - 1) {
        store_partial(to, sums[r][v], last);
      } else {
        store(to, sums[r][v]);
      }
    }
  }
}

/// All columns of `Rows` rows.
template <int Rows, typename Element>
inline void multiply_rows(const Product<Element>& p, int64_t row, int64_t columns) {
  constexpr int kVectors = kVectorsOf<Element>;
  constexpr int64_t kWide = kVectors * F32::kWidth;
  int64_t column = 0;
  for (; column + kWide <= columns; column += kWide) {
    multiply_tile<Rows, kVectors, false>(p, row, column, 0);
  }
  for (; column + F32::kWidth <= columns; column += F32::kWidth) {
    multiply_tile<Rows, 1, false>(p, row, column, 0);
  }
  if (column < columns) multiply_tile<Rows, 1, true>(p, row, column, columns - column);
}

/// All columns of `rows` rows, of which there are at most `Most`.
template <int Most, typename Element>
inline void multiply_block(const Product<Element>& p, int64_t row, int64_t rows, int64_t columns) {
  if constexpr (Most > 0) {
    if (rows == Most) return multiply_rows<Most>(p, row, columns);
    multiply_block<Most - 1>(p, row, rows, columns);
  }
}

template <typename Element>
inline void multiply(const Product<Element>& p, int64_t rows, int64_t columns) {
  // Blocks as even as can be: eight rows as four and four, which keep the adders busier than six and two.
  constexpr int64_t kRows = kRowsOf<Element>;
  int64_t blocks = (rows + kRows - 1) / kRows;
  for (int64_t row = 0; blocks > 0; --blocks) {
    const int64_t count = (rows - row + blocks - 1) / blocks;
    multiply_block<kRows>(p, row, count, columns);
    row += count;
  }
}

}  // namespace
}  // namespace hearth::cpu
