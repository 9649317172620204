// What all delta nets have in common: a short convolution each of queries, keys and values, and the delta
// rule of what comes of them.
#pragma once

#include <array>
#include <cstdint>

#include "engine/model/block.h"

namespace hearth {

struct DeltaHeadsSpec {
  int32_t n_head = 0;      // of values
  int32_t n_head_key = 0;  // of queries and keys, which divides n_head
  int64_t key_dimension = 0;
  int64_t value_dimension = 0;
  int64_t taps = 0;      // of the convolutions
  float epsilon = 0.0F;  // see DeltaRule, here and below
  bool neighbours_share_keys = false;

  int64_t key_width() const { return n_head_key * key_dimension; }
  int64_t value_width() const { return n_head * value_dimension; }
};

class DeltaHeads {
 public:
  DeltaHeads(const DeltaHeadsSpec& spec, const BlockContext& context);

  /// Columns of queries, keys and values.
  std::array<int64_t, 3> widths() const {
    return {spec_.key_width(), spec_.key_width(), spec_.value_width()};
  }
  int64_t workspace_columns() const { return Workspace::columns_of(widths()); }

  /// The taps of all columns of queries, keys and values, one after the other.
  void set_taps(Vector all);
  Vector& taps(size_t index) { return convolutions_[index].taps; }
  /// As DeltaRule has them.
  Vector& decay_bias() { return decay_bias_; }
  Vector& decay_rate() { return decay_rate_; }

  /// `out` may be the values.
  void forward(const Step& step, Workspace workspace, const DeltaRuleInputs& inputs, Tensor out) const;

 private:
  DeltaHeadsSpec spec_;
  std::array<Convolution, 3> convolutions_;
  std::array<int32_t, 3> convolved_;  // their numbers in the states
  int32_t state_;
  Vector decay_bias_, decay_rate_;
};

}  // namespace hearth
