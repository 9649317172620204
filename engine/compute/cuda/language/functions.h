// The functions of Metal's language that naga's translation of the kernels calls (tools/gpu/cuda_text.ts).
#pragma once

#include "engine/compute/cuda/language/mathematics.h"

namespace metal {

// Vectors out of one number for all elements, or out of numbers and vectors one after the other.
template <typename V, typename... Parts>
HEARTH_FUNCTION V vector_of(Parts... parts) {
  V out;
  uint filled = 0;
  const auto put = [&](auto part) HEARTH_INLINE {
    using Part = decltype(part);
    if constexpr (Elements<Part>::kCount == 1) {
      out[filled++] = static_cast<typename Elements<V>::Type>(part);
    } else {
#pragma unroll
      for (uint i = 0; i < Elements<Part>::kCount; ++i) {
        out[filled++] = static_cast<typename Elements<V>::Type>(part[i]);
      }
    }
  };
  if constexpr (sizeof...(Parts) == 1 && ((Elements<Parts>::kCount == 1) && ...)) {
    for (uint i = 0; i < Elements<V>::kCount; ++i)
      out[i] = static_cast<typename Elements<V>::Type>((parts, ...));
  } else {
    (put(parts), ...);
  }
  return out;
}

#define HEARTH_MAKE(type)                            \
  template <typename... Parts>                       \
  HEARTH_FUNCTION type make_##type(Parts... parts) { \
    return vector_of<type>(parts...);                \
  }
HEARTH_MAKE(float2)
HEARTH_MAKE(float3)
HEARTH_MAKE(float4)
HEARTH_MAKE(int2)
HEARTH_MAKE(int3)
HEARTH_MAKE(int4)
HEARTH_MAKE(uint2)
HEARTH_MAKE(uint3)
HEARTH_MAKE(uint4)
#undef HEARTH_MAKE

HEARTH_FUNCTION float2 make_float2(half2 x) {
  return {hearth::float_of_half(static_cast<unsigned short>(x.word)),
          hearth::float_of_half(static_cast<unsigned short>(x.word >> 16))};
}
HEARTH_FUNCTION half2 make_half2(float2 x) {
  return {hearth::half_of_float(x.x) | static_cast<uint>(hearth::half_of_float(x.y)) << 16};
}
HEARTH_FUNCTION int4 make_int4(packed_char4 x) {
  const int word = static_cast<int>(x.word);
  return {word << 24 >> 24, word << 16 >> 24, word << 8 >> 24, word >> 24};
}
HEARTH_FUNCTION uint4 make_uint4(packed_uchar4 x) {
  return {x.word & 0xFF, x.word >> 8 & 0xFF, x.word >> 16 & 0xFF, x.word >> 24};
}
HEARTH_FUNCTION packed_uchar4 make_packed_uchar4(uint4 x) {
  return {(x.x & 0xFF) | (x.y & 0xFF) << 8 | (x.z & 0xFF) << 16 | x.w << 24};
}
HEARTH_FUNCTION packed_char4 make_packed_char4(int4 x) {
  return {make_packed_uchar4(as_type<uint4>(x)).word};
}
HEARTH_FUNCTION int dot_packed(packed_char4 a, packed_char4 b) {
  return hearth::dot_of_signed(a.word, b.word);
}
HEARTH_FUNCTION uint dot_packed(packed_uchar4 a, packed_uchar4 b) {
  return hearth::dot_of_unsigned(a.word, b.word);
}

template <typename To, typename From>
HEARTH_FUNCTION To convert(From from) {
  if constexpr (Elements<To>::kCount == 1) {
    return static_cast<To>(from);
  } else {
    return vector_of<To>(from);
  }
}

template <typename T>
HEARTH_FUNCTION T select(T if_false, T if_true, bool condition) {
  return condition ? if_true : if_false;
}
template <typename T, typename Condition>
HEARTH_FUNCTION T select(T if_false, T if_true, Condition condition) {
  return each<T>([](auto no, auto yes, auto which) { return which ? yes : no; }, if_false, if_true,
                 condition);
}
template <typename T>
HEARTH_FUNCTION bool all(T x) {
  bool every = true;
  for (uint i = 0; i < Elements<T>::kCount; ++i) every = every && x[i] != 0;
  return every;
}
template <typename T>
HEARTH_FUNCTION bool any(T x) {
  bool some = false;
  for (uint i = 0; i < Elements<T>::kCount; ++i) some = some || x[i] != 0;
  return some;
}

#define HEARTH_UNARY(name, expression)                                      \
  template <typename T>                                                     \
  HEARTH_FUNCTION T name(T value) {                                         \
    return each<T>([](auto x) HEARTH_INLINE { return expression; }, value); \
  }
HEARTH_UNARY(abs, x < 0 ? -x : x)
HEARTH_UNARY(ceil, __builtin_ceilf(x))
HEARTH_UNARY(cos, hearth::turned(x, 1))
HEARTH_UNARY(exp, hearth::exponential(x))
HEARTH_UNARY(exp2, hearth::exponential(x * 0.693147181F))
HEARTH_UNARY(floor, __builtin_floorf(x))
HEARTH_UNARY(fract, x - __builtin_floorf(x))
HEARTH_UNARY(log, hearth::logarithm(x))
HEARTH_UNARY(log2, hearth::logarithm(x) * hearth::kLog2E)
HEARTH_UNARY(rint, __builtin_rintf(x))
HEARTH_UNARY(rsqrt, 1.0F / __builtin_sqrtf(x))
HEARTH_UNARY(sign, x > 0 ? decltype(x)(1) : x < 0 ? decltype(x)(-1) : decltype(x)(0))
HEARTH_UNARY(sin, hearth::turned(x, 0))
HEARTH_UNARY(sqrt, __builtin_sqrtf(x))
HEARTH_UNARY(tanh, hearth::hyperbolic_tangent(x))
HEARTH_UNARY(trunc, __builtin_truncf(x))
#undef HEARTH_UNARY

template <typename T>
HEARTH_FUNCTION T min(T x, T y) {
  return each<T>([](auto a, auto b) HEARTH_INLINE { return b < a ? b : a; }, x, y);
}
template <typename T>
HEARTH_FUNCTION T max(T x, T y) {
  return each<T>([](auto a, auto b) HEARTH_INLINE { return a < b ? b : a; }, x, y);
}
/// Bounds are of each element, or one for all.
template <typename T, typename Bound>
HEARTH_FUNCTION T clamp(T x, Bound low, Bound high) {
  if constexpr (Elements<Bound>::kCount == Elements<T>::kCount) {
    return min(max(x, low), high);
  } else {
    return each<T>([=](auto a) HEARTH_INLINE { return min(max(a, low), high); }, x);
  }
}
template <typename T>
HEARTH_FUNCTION T fma(T x, T y, T z) {
  return each<T>([](auto a, auto b, auto c) HEARTH_INLINE { return __builtin_fmaf(a, b, c); }, x, y, z);
}
template <typename T>
HEARTH_FUNCTION T mix(T x, T y, T share) {
  return x + (y - x) * share;
}
template <typename T>
HEARTH_FUNCTION T pow(T x, T y) {
  return each<T>(
      [](auto a, auto b)
          HEARTH_INLINE { return a == 0.0F ? 0.0F : hearth::exponential(b * hearth::logarithm(a)); },
      x, y);
}
template <typename T>
HEARTH_FUNCTION typename Elements<T>::Type dot(T x, T y) {
  using Element = typename Elements<T>::Type;
  Element sum = x[0] * y[0];
#pragma unroll
  for (uint i = 1; i < Elements<T>::kCount; ++i) {
    if constexpr (__is_same(Element, float)) {
      sum = __builtin_fmaf(x[i], y[i], sum);
    } else {
      sum += x[i] * y[i];
    }
  }
  return sum;
}

HEARTH_FUNCTION float4x4 make_float4x4(float4 a, float4 b, float4 c, float4 d) { return {{a, b, c, d}}; }
HEARTH_FUNCTION float4x4 transpose(const float4x4& x) {
  return {{{x[0].x, x[1].x, x[2].x, x[3].x},
           {x[0].y, x[1].y, x[2].y, x[3].y},
           {x[0].z, x[1].z, x[2].z, x[3].z},
           {x[0].w, x[1].w, x[2].w, x[3].w}}};
}

template <typename T>
HEARTH_FUNCTION T popcount(T x) {
  return static_cast<T>(__builtin_popcount(static_cast<uint>(x)));
}
template <typename T>
HEARTH_FUNCTION T clz(T x) {
  return x == 0 ? T(32) : static_cast<T>(__builtin_clz(static_cast<uint>(x)));
}
template <typename T>
HEARTH_FUNCTION T ctz(T x) {
  return x == 0 ? T(32) : static_cast<T>(__builtin_ctz(static_cast<uint>(x)));
}
/// `count` bits of x from `first` on; of a signed x the highest of them is the sign.
template <typename T>
HEARTH_FUNCTION T extract_bits(T x, uint first, uint count) {
  return count == 0 ? T(0) : static_cast<T>(x << (32 - first - count)) >> (32 - count);
}
template <typename T>
HEARTH_FUNCTION T insert_bits(T x, T bits, uint first, uint count) {
  const uint mask = (count == 32 ? 0xFFFFFFFF : (1U << count) - 1) << (first & 31);
  return static_cast<T>((static_cast<uint>(x) & ~mask) | (static_cast<uint>(bits) << (first & 31) & mask));
}

enum class mem_flags { mem_none, mem_device, mem_threadgroup };
/// What threads of a group have written is seen by all of them, wherever it lies.
HEARTH_FUNCTION void threadgroup_barrier(mem_flags) { hearth::wait_for_group(); }

template <typename T>
HEARTH_FUNCTION T simd_shuffle(T x, uint lane) {
  return as_type<T>(hearth::from_lane(as_type<uint>(x), lane));
}
template <typename T>
HEARTH_FUNCTION T simd_shuffle_xor(T x, uint mask) {
  return simd_shuffle(x, hearth::thread() % hearth::kWarpThreads ^ mask);
}
template <typename T>
HEARTH_FUNCTION T simd_broadcast(T x, uint lane) {
  return simd_shuffle(x, lane);
}
template <typename T>
HEARTH_FUNCTION T simd_broadcast_first(T x) {
  return simd_shuffle(x, 0);
}
#define HEARTH_OVER_WARP(name, expression)                            \
  template <typename T>                                               \
  HEARTH_FUNCTION T name(T value) {                                   \
    T x = value;                                                      \
    for (uint mask = hearth::kWarpThreads / 2; mask > 0; mask /= 2) { \
      const T y = simd_shuffle_xor(x, mask);                          \
      x = expression;                                                 \
    }                                                                 \
    return x;                                                         \
  }
HEARTH_OVER_WARP(simd_sum, x + y)
HEARTH_OVER_WARP(simd_max, max(x, y))
HEARTH_OVER_WARP(simd_min, min(x, y))
#undef HEARTH_OVER_WARP

struct atomic_uint {
  uint value;
};
struct atomic_int {
  int value;
};
enum memory_order { memory_order_relaxed };
template <typename Atomic>
HEARTH_FUNCTION auto atomic_load_explicit(const Atomic* from, memory_order) {
  return __atomic_load_n(&from->value, __ATOMIC_RELAXED);
}
template <typename Atomic, typename T>
HEARTH_FUNCTION void atomic_store_explicit(Atomic* to, T value, memory_order) {
  __atomic_store_n(&to->value, value, __ATOMIC_RELAXED);
}
template <typename Atomic, typename T>
HEARTH_FUNCTION auto atomic_fetch_add_explicit(Atomic* to, T value, memory_order) {
  return __atomic_fetch_add(&to->value, value, __ATOMIC_RELAXED);
}
template <typename Atomic, typename T>
HEARTH_FUNCTION auto atomic_fetch_max_explicit(Atomic* to, T value, memory_order) {
  return __atomic_fetch_max(&to->value, value, __ATOMIC_RELAXED);
}

}  // namespace metal
