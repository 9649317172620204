// The vectors that kernels are written in, as clang knows them: x[2], x.y, x.zw.
#pragma once

#include "engine/compute/cuda/language/bits.h"

namespace metal {

#define HEARTH_VECTORS(element)                                   \
  typedef element element##2 __attribute__((ext_vector_type(2))); \
  typedef element element##3 __attribute__((ext_vector_type(3))); \
  typedef element element##4 __attribute__((ext_vector_type(4)));
HEARTH_VECTORS(float)
HEARTH_VECTORS(int)
HEARTH_VECTORS(uint)
#undef HEARTH_VECTORS
// What comparing vectors gives: 0, or all bits.
using bool2 = int2;
using bool3 = int3;
using bool4 = int4;

/// How many elements a value has, and what they are.
template <typename T>
struct Elements {
  static constexpr uint kCount = 1;
  using Type = T;
};
#define HEARTH_ELEMENTS(element, count)   \
  template <>                             \
  struct Elements<element##count> {       \
    static constexpr uint kCount = count; \
    using Type = element;                 \
  };
HEARTH_ELEMENTS(float, 2)
HEARTH_ELEMENTS(float, 3)
HEARTH_ELEMENTS(float, 4)
HEARTH_ELEMENTS(int, 2)
HEARTH_ELEMENTS(int, 3)
HEARTH_ELEMENTS(int, 4)
HEARTH_ELEMENTS(uint, 2)
HEARTH_ELEMENTS(uint, 3)
HEARTH_ELEMENTS(uint, 4)
#undef HEARTH_ELEMENTS

/// Of a value or of each element of a vector.
template <typename Out, typename F, typename T, typename... More>
HEARTH_FUNCTION Out each(const F& f, T x, More... more) {
  if constexpr (Elements<T>::kCount == 1) {
    return f(x, more...);
  } else {
    Out out;
#pragma unroll
    for (uint i = 0; i < Elements<T>::kCount; ++i) out[i] = f(x[i], more[i]...);
    return out;
  }
}

/// Four columns.
struct float4x4 {
  float4 columns[4];

  HEARTH_FUNCTION_OF_CLASS const float4& operator[](uint i) const { return columns[i]; }
};

/// Four bytes, signed or not, as vectors of numbers come out of a word or go into one.
struct packed_char4 {
  uint word;
};
struct packed_uchar4 {
  uint word;
};
/// Two numbers of 16 bits in a word.
struct half2 {
  uint word;
};

}  // namespace metal

using metal::half2;
using metal::packed_char4;
using metal::packed_uchar4;
using metal::uint2;
