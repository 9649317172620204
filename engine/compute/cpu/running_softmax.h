// What queries have seen of their keys: how attention to one part of a sequence is kept, and joined to the
// next part (Milakov & Gimelshein 2018).
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "engine/compute/cpu/vector/vector_kernels.h"

namespace hearth::cpu {

/// The maxima, sums and outputs of PageAttention for so many queries, in memory of the caller's.
struct RunningSoftmax {
  int64_t queries;
  int64_t dimension;
  float* maxima;
  float* sums;
  float* outputs;

  static int64_t floats(int64_t queries, int64_t dimension) { return queries * (2 + dimension); }
  RunningSoftmax(int64_t query_count, int64_t value_dimension, float* memory)
      : queries(query_count),
        dimension(value_dimension),
        maxima(memory),
        sums(memory + query_count),
        outputs(memory + 2 * query_count) {}

  void clear() const {
    std::fill_n(maxima, queries, std::numeric_limits<float>::lowest());
    std::fill_n(sums, queries * (1 + dimension), 0.0F);
  }

  /// Takes in what `other` saw. If one of them saw nothing, the factor of the other is exactly 1 and 0 is
  /// added to it: its bits stay.
  void merge(const VectorKernels& kernels, const RunningSoftmax& other) const {
    for (int64_t q = 0; q < queries; ++q) {
      const float maximum = std::max(maxima[q], other.maxima[q]);
      const float own_factor = std::exp(maxima[q] - maximum);
      const float other_factor = std::exp(other.maxima[q] - maximum);
      maxima[q] = maximum;
      sums[q] = sums[q] * own_factor + other.sums[q] * other_factor;
      kernels.combine(own_factor, other.outputs + q * dimension, other_factor, dimension,
                      outputs + q * dimension);
    }
  }
};

}  // namespace hearth::cpu
