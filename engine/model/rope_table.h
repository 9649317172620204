// From a position to the angle each pair of dimensions turns by: how a model asks for it (RopeSpec), and the
// table that comes of it once it is known how long the context will be.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <span>
#include <utility>
#include <vector>

#include "engine/compute/backend.h"
#include "engine/model/tensors.h"

namespace hearth {

/// How positions become angles, before it is known how long the context will be.
struct RopeSpec {
  RopePairs pairs = RopePairs::kAdjacent;
  int32_t dimensions = 0;        // of each head that turn; even
  float theta_base = 10000.0F;   // pair i turns by position * theta_base^(-2i / dimensions)
  float frequency_scale = 1.0F;  // linear scaling (Chen et al. 2023): all frequencies times this, 1 / factor
  bool yarn = false;             // blend scaled and unscaled frequencies by wavelength (Peng et al. 2023)
  float yarn_extrapolation = 1.0F;   // how much of the blend there is
  float yarn_log_multiplier = 0.0F;  // what yarn makes of the magnitude is divided by yarn_magnitude of this
  float yarn_beta_fast = 32.0F;  // turns within the original context above which a frequency stays unscaled
  float yarn_beta_slow = 1.0F;   // and below which it is fully scaled
  int32_t original_context = 0;  // length trained at, before any extension
  float attention_factor = 1.0F;
  bool uses_factors = true;  // those that the file has as tensors
  /// Pairs by what they tell of an image (M-RoPE): time, height, width, and a fourth kind, which stands still
  /// in texts. All 0: every pair turns.
  std::array<int32_t, 4> sections = {};
  bool sections_alternate = false;  // pair by pair (Qwen 3 VL), not one behind the other

  bool operator==(const RopeSpec&) const = default;
};

struct RopeTable {
  RopePairs pairs = RopePairs::kAdjacent;
  std::vector<float> frequencies;  // radians per position, one per pair
  float magnitude = 1.0F;

  Rope view() const { return {pairs, frequencies, magnitude}; }
};

/// By what yarn makes attention sharper in a context that is `factor` times as long: 0.1 multiplier ln factor
/// + 1.
float yarn_magnitude(float factor, float multiplier);

/// `factors` divide the frequencies one by one (Llama 3's rope_freqs, longrope's long or short factors);
/// empty for none. There may be more than the spec has pairs.
RopeTable make_rope_table(const RopeSpec& spec, std::span<const float> factors);

/// Divisors of the frequencies that a file has as tensors: Llama 3's, or longrope's pair.
struct RopeFactors {
  std::vector<float> always, for_long, for_short;

  void tensors(TensorVisitor& visit, const RopeSpec& spec);
  /// Those of a context of so many positions; empty where there are none.
  std::span<const float> of(const RopeSpec& spec, int64_t context_size) const;
};

/// The tables of one context, each made when it is first asked for.
class RopeTables {
 public:
  /// `factors` must outlive it. `context_size` decides between longrope's short and long factors.
  RopeTables(const RopeFactors& factors, int64_t context_size)
      : factors_(factors), context_size_(context_size) {}

  Rope of(const RopeSpec& spec);

 private:
  const RopeFactors& factors_;
  int64_t context_size_;
  std::deque<std::pair<RopeSpec, RopeTable>> tables_;  // few: a model has one or two kinds
};

}  // namespace hearth
