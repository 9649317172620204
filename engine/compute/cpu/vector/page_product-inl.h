// A small matrix product, c = a b, in registers: what both halves of attention are made of. Needs F32.
//
// Every c[r][j] is ((start + a[r][0] b[0][j]) + a[r][1] b[1][j]) + ..., one multiply_add after the other,
// whichever rows and columns are computed beside it, and however b is stored.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/compute/cpu/simd/unroll.h"
#include "engine/compute/cpu/vector/page_elements-inl.h"
#include "engine/compute/cpu/vector/prefetch-inl.h"

namespace hearth::cpu {
namespace {

/// a is f32 [rows, depth], b is [depth, columns] (page_elements-inl.h), c is f32 [rows, columns]; strides in
/// elements.
template <typename Elements>
struct Product {
  const float* a;
  int64_t a_stride;
  Elements b;
  float* c;
  int64_t c_stride;
  int64_t depth;
  const float* keep;       // per row: c starts at keep * what it was; null: at 0
  const std::byte* ahead;  // what is read later, as long as b: fetched meanwhile; null: nothing
};

/// Register `v` of `vectors`; the last one is `last` lanes wide where Partial.
template <bool Partial>
inline F32 load_vector(const float* row, int v, int vectors, int64_t last) {
  const float* const from = row + v * F32::kWidth;
  return Partial && v == vectors - 1 ? load_partial(from, last) : load(from);
}

/// Rows x Vectors registers of c.
template <int Rows, int Vectors, bool Partial, typename Elements>
inline void multiply_tile(const Product<Elements>& p, int64_t row, int64_t column, int64_t last) {
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
  // Fetched in the order of memory, not in that in which tiles read their columns.
  constexpr int64_t kStepBytes = Elements::bytes(Vectors * F32::kWidth);
  const bool fetches = row == 0 && p.ahead != nullptr;
  const std::byte* const ahead = fetches ? p.ahead + Elements::bytes(p.depth * column) : nullptr;
  auto b = p.b.template columns<Vectors, Partial>(column, last);
  for (int64_t i = 0; i < p.depth; ++i) {
    prefetch(ahead, i * kStepBytes, kStepBytes);
    F32 factors[Vectors];
    b.load_row(i, factors);
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

/// The columns of `Rows` rows from `column` on, as far as whole tiles of `Vectors` registers go, then
/// narrower.
template <int Rows, int Vectors, typename Elements>
inline void multiply_columns(const Product<Elements>& p, int64_t row, int64_t column, int64_t columns) {
  constexpr int64_t kWide = Vectors * F32::kWidth;
  if constexpr (kWide <= Elements::kMostColumns) {
    for (; column + kWide <= columns; column += kWide) {
      multiply_tile<Rows, Vectors, false>(p, row, column, 0);
    }
  }
  if constexpr (Elements::kBlock % kWide != 0) {
    if constexpr (Vectors > 1) {
      multiply_columns<Rows, Vectors / 2>(p, row, column, columns);
    } else if (column < columns) {
      multiply_tile<Rows, 1, true>(p, row, column, columns - column);
    }
  }
}

/// All columns of `rows` rows, of which there are at most `Most`.
template <int Most, typename Elements>
inline void multiply_block(const Product<Elements>& p, int64_t row, int64_t rows, int64_t columns) {
  if constexpr (Most > 0) {
    if (rows == Most) return multiply_columns<Most, kTileVectors>(p, row, 0, columns);
    multiply_block<Most - 1>(p, row, rows, columns);
  }
}

template <typename Elements>
inline void multiply(const Product<Elements>& p, int64_t rows, int64_t columns) {
  // Blocks as even as can be: eight rows as four and four, which keep the adders busier than six and two.
  int64_t blocks = (rows + kTileRows - 1) / kTileRows;
  for (int64_t row = 0; blocks > 0; --blocks) {
    const int64_t count = (rows - row + blocks - 1) / blocks;
    multiply_block<kTileRows>(p, row, count, columns);
    row += count;
  }
}

}  // namespace
}  // namespace hearth::cpu
