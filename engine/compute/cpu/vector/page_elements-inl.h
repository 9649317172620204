// Keys and values as the matrices that a product reads where they lie (arranged as kv_pages.h says). Needs
// F32.
//
// Each kind of them gives
//   kBlock                        columns come in multiples of it; 1: any;
//   kMostColumns                  that a tile may take together;
//   bytes(count)                  that so many elements take;
//   columns<Vectors, Partial>()   the registers of a row from one column on, the last of them partial, which
//                                 load_row converts to f32. It is part of a tile's loop, whose sums a call
//                                 would move to memory: hence always inline.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/compute/cpu/kv_pages.h"
#include "engine/compute/cpu/simd/unroll.h"

namespace hearth::cpu {
namespace {

/// Rows of f32 or f16, `stride` elements apart.
template <typename Element>
struct PlainElements {
  static constexpr int64_t kBlock = 1;
  static constexpr int64_t kMostColumns = kPagePositions;
  static constexpr int64_t bytes(int64_t count) { return count * static_cast<int64_t>(sizeof(Element)); }

  const Element* first;
  int64_t stride;

  template <int Vectors, bool Partial>
  struct Columns {
    const Element* first;
    int64_t stride;
    int64_t last;

    [[gnu::always_inline]] void load_row(int64_t row, F32 (&out)[Vectors]) const {
      const Element* const from = first + row * stride;
      HEARTH_UNROLL for (int v = 0; v < Vectors; ++v) {
        const bool is_partial = Partial && v == Vectors - 1;
        out[v] = is_partial ? load_partial(from + v * F32::kWidth, last) : load(from + v * F32::kWidth);
      }
    }
  };
  template <int Vectors, bool Partial>
  Columns<Vectors, Partial> columns(int64_t column, int64_t last) const {
    return {first + column, stride, last};
  }
};

/// The numbers of a block of Q8_0: a byte each.
struct Q8Numbers {
  static constexpr int64_t kStored = kKvBlock;
  static F32 load_half(const std::byte* stored, int64_t) {
    return load(reinterpret_cast<const int8_t*>(stored));
  }
};

/// Of Q4_0: the low nibbles of its bytes are its first half, the high ones its second.
struct Q4Numbers {
  static constexpr int64_t kStored = kKvBlock / 2;
  static F32 load_half(const std::byte* stored, int64_t half) {
    const auto* const nibbles = reinterpret_cast<const uint8_t*>(stored);
    return (half == 0 ? load_low_nibbles(nibbles) : load_high_nibbles(nibbles)) - broadcast(8.0F);
  }
};

template <typename Numbers>
constexpr int64_t kBlockBytes = sizeof(uint16_t) + Numbers::kStored;

/// What products of keys and of values in blocks have in common.
template <typename Numbers>
struct BlockElements {
  static constexpr int64_t bytes(int64_t count) { return count * kBlockBytes<Numbers> / kKvBlock; }
};

/// Keys in blocks: a row is a dimension, a column a slot.
template <typename Numbers>
struct KeyBlocks : BlockElements<Numbers> {
  static constexpr int64_t kBlock = kPagePositions;
  static constexpr int64_t kMostColumns = kPagePositions;

  const std::byte* first;

  explicit KeyBlocks(const std::byte* keys) : first(keys) {}

  template <int Vectors, bool Partial>
  struct Columns {
    static_assert(!Partial);
    const std::byte* first;
    int64_t column;
    const std::byte* numbers;  // of the block that rows are in
    F32 scales[Vectors];

    /// Rows in order, from the first.
    [[gnu::always_inline]] void load_row(int64_t row, F32 (&out)[Vectors]) {
      const int64_t place = row % kKvBlock;
      if (place == 0) {
        const std::byte* const block = first + row / kKvBlock * kPagePositions * kBlockBytes<Numbers>;
        const auto* const stored = reinterpret_cast<const uint16_t*>(block) + column;
        HEARTH_UNROLL for (int v = 0; v < Vectors; ++v) scales[v] = load(stored + v * F32::kWidth);
        numbers = block + kPagePositions * sizeof(uint16_t) + column;
      }
      const std::byte* const from = numbers + place % Numbers::kStored * kPagePositions;
      HEARTH_UNROLL for (int v = 0; v < Vectors; ++v) {
        out[v] = Numbers::load_half(from + v * F32::kWidth, place / Numbers::kStored) * scales[v];
      }
    }
  };
  template <int Vectors, bool Partial>
  Columns<Vectors, Partial> columns(int64_t column, int64_t) const {
    return {first, column, nullptr, {}};
  }
};

/// Values in blocks: a row is a slot, `stride` bytes from the next, a column a dimension.
template <typename Numbers>
struct ValueBlocks : BlockElements<Numbers> {
  static constexpr int64_t kBlock = kKvBlock;
  static constexpr int64_t kMostColumns = kKvBlock;

  const std::byte* first;
  int64_t stride;

  ValueBlocks(const std::byte* values, int64_t value_bytes) : first(values), stride(value_bytes) {}

  template <int Vectors, bool Partial>
  struct Columns {
    static_assert(!Partial);
    const std::byte* blocks;
    int64_t stride;
    int64_t place;  // of the first column in its block

    [[gnu::always_inline]] void load_row(int64_t row, F32 (&out)[Vectors]) const {
      const std::byte* const block = blocks + row * stride;
      const F32 scale = broadcast_half(reinterpret_cast<const uint16_t*>(block));
      const std::byte* const numbers = block + sizeof(uint16_t);
      HEARTH_UNROLL for (int v = 0; v < Vectors; ++v) {
        const int64_t at = place + v * F32::kWidth;
        out[v] = Numbers::load_half(numbers + at % Numbers::kStored, at / Numbers::kStored) * scale;
      }
    }
  };
  template <int Vectors, bool Partial>
  Columns<Vectors, Partial> columns(int64_t column, int64_t) const {
    return {first + column / kKvBlock * kBlockBytes<Numbers>, stride, column % kKvBlock};
  }
};

}  // namespace
}  // namespace hearth::cpu
