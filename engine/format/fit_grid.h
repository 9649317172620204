// Fitting a super-block to an IQ grid: which points, signs and scales.
//
// A group is 8 elements: one grid point of 8, or two of 4. Groups that share a scale (2 or 4 of them) are a
// span. A span's scale is an odd multiple of the super-block's unit: (2 * code + 1) * unit.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "engine/format/blocks.h"
#include "engine/format/codebook.h"

namespace hearth {

inline constexpr int kGroupSize = 8;
inline constexpr int kGroupCount = kSuperBlock / kGroupSize;

struct GridGroup {
  size_t index[2] = {};                    // of its grid points
  uint8_t signs = 0;                       // bit j: element j is negative
  bool down = false;                       // IQ1: shifted by -kIq1Delta
  std::array<float, kGroupSize> values{};  // what it decodes to at scale 1
};

/// Chooses the groups of one span at one scale.
class GridRounding {
 public:
  virtual ~GridRounding() = default;
  /// `values` and `weights` have 8 for each group; scale > 0.
  virtual void round(const float* values, const float* weights, float scale,
                     std::span<GridGroup> groups) const = 0;
  /// The largest magnitude that an element can have at scale 1.
  virtual float highest() const = 0;
};

/// IQ2 and IQ3: magnitudes from a codebook, signs apart. With `even_signs` the number of minus signs in a
/// group must be even; where it is not, the element that matters least takes the wrong sign.
class SignedRounding final : public GridRounding {
 public:
  SignedRounding(const Codebook& magnitudes, bool even_signs)
      : magnitudes_(magnitudes), even_signs_(even_signs) {}
  void round(const float* values, const float* weights, float scale,
             std::span<GridGroup> groups) const override;
  float highest() const override { return magnitudes_.highest(); }

 private:
  void round_group(const float* values, const float* weights, float scale, GridGroup& group) const;

  const Codebook& magnitudes_;
  bool even_signs_;
};

/// IQ1: points shifted up or down; the whole span one way, or each group its own.
class ShiftedRounding final : public GridRounding {
 public:
  ShiftedRounding(const Codebook& up, const Codebook& down, bool together)
      : up_(up), down_(down), together_(together) {}
  void round(const float* values, const float* weights, float scale,
             std::span<GridGroup> groups) const override;
  float highest() const override { return up_.highest(); }

 private:
  const Codebook& up_;
  const Codebook& down_;
  bool together_;
};

struct FittedGrid {
  float unit = 0.0F;
  std::array<GridGroup, kGroupCount> groups;
  std::array<int, kGroupCount> codes{};  // one for each span, in [0, highest_code]
};

FittedGrid fit_grid(const float* values, const float* weights, int groups_per_span, int highest_code,
                    const GridRounding& rounding);

}  // namespace hearth
