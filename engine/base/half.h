// Conversions between f32 and the 16-bit floats: IEEE 754 binary16 (f16) and bfloat16 (bf16).
#pragma once

#include <bit>
#include <cstdint>

namespace hearth {

/// Exact: every binary16 value is a binary32 value. Without branches, so that loops over it vectorise.
inline float f16_to_f32(uint16_t half) {
  // Read as binary32 with the exponent where it is, the value is 2^112 times too small, subnormals included.
  const float magnitude = std::bit_cast<float>((half & 0x7FFFU) << 13) * 0x1p112F;
  const uint32_t sign = (half & 0x8000U) << 16;
  const uint32_t infinity_or_nan = (half & 0x7C00U) == 0x7C00U ? 0x7F800000U : 0U;
  return std::bit_cast<float>(std::bit_cast<uint32_t>(magnitude) | sign | infinity_or_nan);
}

/// Rounds to nearest, ties to even; overflows to infinity; NaN stays NaN.
inline uint16_t f32_to_f16(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  const auto sign = static_cast<uint16_t>((bits >> 16) & 0x8000U);
  const uint32_t magnitude = bits & 0x7FFFFFFFU;
  if (magnitude > 0x7F800000U) return sign | 0x7E00U | static_cast<uint16_t>((magnitude >> 13) & 0x1FFU);
  if (magnitude >= 0x477FF000U) return sign | 0x7C00U;  // 65520 and above round to infinity
  if (magnitude < 0x38800000U) {                        // below 2^-14: the result is subnormal
    // Adding 2^-1 * 2^-23 scale: 0.5f has ulp 2^-24, the spacing of binary16 subnormals.
    const float aligned = std::bit_cast<float>(magnitude) + 0.5F;
    return sign | static_cast<uint16_t>(std::bit_cast<uint32_t>(aligned) - 0x3F000000U);
  }
  const uint32_t odd = (magnitude >> 13) & 1U;
  const uint32_t rounded = magnitude + 0xFFFU + odd - (112U << 23);
  return sign | static_cast<uint16_t>(rounded >> 13);
}

inline float bf16_to_f32(uint16_t value) { return std::bit_cast<float>(static_cast<uint32_t>(value) << 16); }

/// Rounds to nearest, ties to even; NaN stays (quiet) NaN.
inline uint16_t f32_to_bf16(float value) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  if ((bits & 0x7FFFFFFFU) > 0x7F800000U) return static_cast<uint16_t>((bits >> 16) | 0x40U);
  return static_cast<uint16_t>((bits + 0x7FFFU + ((bits >> 16) & 1U)) >> 16);
}

}  // namespace hearth
