// The generated tables behind unicode.h; nothing else should include this.
#pragma once

#include <cstddef>
#include <cstdint>

namespace hearth::unicode_tables {

/// Classes are shared by all alike blocks of this many code points.
inline constexpr size_t kBlockSize = 128;

/// The number of each block of code points within kClasses.
extern const uint8_t kBlockOf[];
/// General category in the low 5 bits (the order of enum GeneralCategory), then kWhiteSpaceBit and kHanBit.
extern const uint8_t kClasses[];
inline constexpr uint8_t kCategoryMask = 0x1F;
inline constexpr uint8_t kWhiteSpaceBit = 1 << 5;
inline constexpr uint8_t kHanBit = 1 << 6;

/// Every `step`-th code point of first..last maps to itself plus `delta`. Sorted by `first`.
struct LowercaseRun {
  char32_t first;
  char32_t last;
  uint32_t step;
  int32_t delta;
};
extern const LowercaseRun kLowercaseRuns[];
extern const size_t kLowercaseRunCount;

/// A code point as two others, or as one (then `second` is 0); these may decompose in turn. Sorted by code
/// point.
struct Decomposition {
  char32_t code_point;
  char32_t first;
  char32_t second;
};
extern const Decomposition kDecompositions[];
extern const size_t kDecompositionCount;

/// The places in kDecompositions of those that compose again, sorted by `first`, then by `second`.
extern const uint16_t kCompositions[];
extern const size_t kCompositionCount;

/// The code points first..last have this class; all others 0. Sorted by `first`.
struct CombiningClassRun {
  char32_t first;
  char32_t last;
  uint8_t combining_class;
};
extern const CombiningClassRun kCombiningClassRuns[];
extern const size_t kCombiningClassRunCount;

}  // namespace hearth::unicode_tables
