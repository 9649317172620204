// Weights unpacked into vectors, a chunk of 256 columns of kLanes rows at a time. The types that models are
// mostly made of come straight from their blocks into registers; every other goes through
// decode_chunk-inl.h.
//
// An Unpacker<type> says
//   kGroup, kBias     as its Decoder does
//   kSigned, kOffset  what its bytes are: signed weights w, or unsigned w + kOffset of at most 63
//   kLargest          the largest magnitude of these bytes
//   quad(position)    bytes come in vectors of the order that is cheapest for the type: which 16 columns of
//                     the chunk are quad `position` of them all
//   values<v>(row)    vector v of a row's part of the chunk
//   kHeaders          pieces of 16 bytes that hold all that scales and biases of a row's part are made of
//   header<i>(row)    one of them
//   set_scales(words, strip)  makes scales and biases of the headers of kLanes rows: words[i][j] is the j-th
//                     four bytes of each row's header i
//   set_scales_of(rows, strip)  or makes them of the rows themselves, where that is shorter
//   decode(row, to)   decodes a row first where not kDirect: then values(), and header() unless
//                     kBlockHeaders, are given the row's DecodedChunk
// Included once by each instruction set's kernels, after its vectors.
#include <type_traits>

#include "engine/compute/cpu/matrix/decode_chunk-inl.h"
#include "engine/compute/cpu/simd/unroll.h"

namespace hearth::cpu {
namespace {

/// Of signed bytes.
constexpr int kLargestByte = 128;

constexpr int kChunkQuads = kChunkColumns / 16;
constexpr int kChunkVectors = kChunkQuads / kQuads;

/// kLanes rows' part of a chunk: where their bytes are, and scales and biases by group, row by lane.
struct alignas(64) Strip {
  const std::byte* first_row;
  int64_t row_stride;      // bytes from one row to the next
  const std::byte* ahead;  // what is read one strip later
  float scales[kChunkGroups][kLanes];
  float biases[kChunkGroups][kLanes];

  const std::byte* row(int lane) const { return first_row + lane * row_stride; }

#if defined(__wasm__)
  mutable Ints kept;  // keep_order()
#endif
};

/// Where a chunk of kLanes weight rows is. Addresses whose making a compiler can't see it doesn't make anew,
/// of as many parts as it has no registers for.
struct StripRows {
  explicit StripRows(const Strip& strip) {
    HEARTH_UNROLL
    for (int lane = 0; lane < kLanes; ++lane) {
      rows[lane] = strip.row(lane);
      asm volatile("" : "+r"(rows[lane]));
    }
  }
  const std::byte* row(int lane) const { return rows[lane]; }

  const std::byte* rows[kLanes];
};

/// As what a strip's rows are given to what reads their headers.
using HeaderRows = std::conditional_t<kQuads == 1, StripRows, const Strip&>;

constexpr int log2_of(int power_of_two) { return power_of_two == 1 ? 0 : 1 + log2_of(power_of_two / 2); }

// Pieces that several types share.

/// Quad q from address(q).
template <class Address>
inline Bytes load_pieces(Address address) {
  return join_pieces([&](int q) { return load_piece(address(q)); });
}

/// Transposes the 4x4 matrices of integers that the quads of four vectors make up.
inline void transpose_in_quads(Ints& a, Ints& b, Ints& c, Ints& d) {
  const Ints ab_low = interleave_low(a, b);
  const Ints ab_high = interleave_high(a, b);
  const Ints cd_low = interleave_low(c, d);
  const Ints cd_high = interleave_high(c, d);
  a = interleave_low_pairs(ab_low, cd_low);
  b = interleave_high_pairs(ab_low, cd_low);
  c = interleave_low_pairs(ab_high, cd_high);
  d = interleave_high_pairs(ab_high, cd_high);
}

/// Vector i becomes the i-th four bytes of every row's piece.
template <class PieceOf>
inline void load_words(PieceOf piece_of_row, Ints (&words)[4]) {
  // Quad q of words[i] holds row 4q + i, so that after the transposition rows are lanes in order.
  for (int i = 0; i < 4; ++i) {
    words[i] = join_pieces([&](int q) { return piece_of_row(4 * q + i); });
  }
  transpose_in_quads(words[0], words[1], words[2], words[3]);
}

/// Of 16 bytes of every row from byte `offset` on: vector i becomes the i-th four of all rows.
inline void load_columns(const Strip& strip, int64_t offset, Ints (&columns)[4]) {
  load_words([&](int row) { return load_piece(strip.row(row) + offset); }, columns);
}

/// The low or the high nibbles of bytes.
template <bool high>
inline Bytes nibbles_of(Bytes both) {
  if constexpr (high && kShiftsBytes) return shift_bytes_right<4>(both);
  return bit_and(high ? shift_bytes_right<4>(both) : both, splat_bytes(0x0F));
}

/// to[b] becomes the f16 that is 16-bit word b of every row's header.
inline void set_from_halves(const Ints (&words)[4], float (*to)[kLanes]) {
  for (int i = 0; i < 4; ++i) {
    store(to[2 * i], halves_to_f32(words[i]));
    store(to[2 * i + 1], halves_to_f32(shift_right<16>(words[i])));
  }
}

/// What unpackers straight from blocks share.
template <int group, bool bias, bool is_signed, int offset, int largest, int headers = 1>
struct DirectUnpacker {
  static constexpr bool kDirect = true;
  static constexpr bool kBlockHeaders = true;
  static constexpr int kHeaders = headers;
  static constexpr int kGroup = group;
  static constexpr bool kBias = bias;
  static constexpr bool kSigned = is_signed;
  static constexpr int kOffset = offset;
  static constexpr int kLargest = largest;
};

/// Unpackers of types whose bytes can be transposed before they are taken apart also give columns of all
/// rows, period by period: `load_period` gets the transposed bytes that kPeriod quads of columns are made of,
/// and `columns<quad, i>` makes of them columns 4i to 4i + 3 of a quad. Where they were not transposed
/// (pieces_product-inl.h), these are the quad of every fourth row from row i on.
template <class U>
concept GivesColumns = requires {
  U::kPeriod;
};

template <class U>
using PeriodWords = Ints[U::kPieces][4];

/// What unpackers of rows that are decoded one by one, in order of columns, share.
struct DecodedValues {
  static constexpr bool kDirect = false;
  static constexpr bool kSigned = true;
  static constexpr int kOffset = 0;
  static constexpr int quad(int position) { return position; }

  template <int v>
  static Bytes values(const std::byte* row) {
    return load_bytes(row + v * sizeof(Bytes));
  }
};

/// Rows without an unpacker of their own.
template <BlockType type>
struct Unpacker : DecodedValues {
  static constexpr bool kBlockHeaders = false;
  static constexpr int kGroup = Decoder<type>::kGroup;
  static constexpr bool kBias = Decoder<type>::kBias;
  static constexpr int kLargest = kLargestByte;

  static void decode(const std::byte* row, DecodedChunk& to) {
    decode_chunk<type>(row, 0, kChunkColumns / Decoder<type>::kElements, to);
  }
  /// Four scales to a header, then the biases.
  static constexpr int kScaleHeaders = kChunkColumns / kGroup / 4;
  static constexpr int kHeaders = kScaleHeaders * (kBias ? 2 : 1);
  template <int i>
  static Piece header(const std::byte* row) {
    constexpr size_t kFirst =
        i < kScaleHeaders ? offsetof(DecodedChunk, scales) : offsetof(DecodedChunk, biases);
    return load_piece(row + kFirst + i % kScaleHeaders * 16);
  }
  static void set_scales(const Ints (&words)[kHeaders][4], Strip& strip) {
    for (int i = 0; i < kHeaders; ++i) {
      float(*const to)[kLanes] = i < kScaleHeaders ? strip.scales : strip.biases;
      for (int j = 0; j < 4; ++j) store(to[i % kScaleHeaders * 4 + j], as_f32(words[i][j]));
    }
  }
};

/// kLanes rows that had to be decoded.
template <class U>
struct DecodedStrip {
  DecodedChunk rows[U::kDirect ? 1 : kLanes];
};

template <class U, int i = 0, class Rows>
[[gnu::always_inline]] inline void load_headers(const Rows& rows, Ints (&words)[U::kHeaders][4]) {
  if constexpr (i < U::kHeaders) {
    load_words([&](int lane) { return U::template header<i>(rows.row(lane)); }, words[i]);
    load_headers<U, i + 1>(rows, words);
  }
}

/// Sets the scales and biases of a strip, whose rows' parts of the chunk are at rows.row(lane).
template <class U, class Rows>
[[gnu::always_inline]] inline void set_scales(const Rows& rows, Strip& strip) {
  if constexpr (requires { U::set_scales_of(rows, strip); }) {
    U::set_scales_of(rows, strip);
  } else {
    Ints words[U::kHeaders][4];
    load_headers<U>(rows, words);
    U::set_scales(words, strip);
  }
}

/// Makes a strip that has been found ready for values(), and its scales and biases.
template <BlockType type>
inline void begin_strip(Strip& strip, DecodedStrip<Unpacker<type>>& decoded) {
  using U = Unpacker<type>;
  if constexpr (U::kBlockHeaders) set_scales<U>(HeaderRows(strip), strip);
  if constexpr (!U::kDirect) {
    for (int lane = 0; lane < kLanes; ++lane) U::decode(strip.row(lane), decoded.rows[lane]);
    strip.first_row = reinterpret_cast<const std::byte*>(decoded.rows);
    strip.row_stride = sizeof(DecodedChunk);
  }
  if constexpr (!U::kBlockHeaders) set_scales<U>(strip, strip);
}

}  // namespace
}  // namespace hearth::cpu
