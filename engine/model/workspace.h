// Memory for the activations of one step, handed out from its beginning.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/compute/tensor.h"

namespace hearth {

/// Passed by value: what a block takes of its own copy is free again when it returns. The owner makes it
/// large enough for all that is taken at one time.
class Workspace {
 public:
  Workspace(Buffer memory, int64_t rows) : memory_(memory), rows_(rows) {}

  /// Floats that a row of tensors with these widths takes.
  static constexpr int64_t columns_of(std::span<const int64_t> widths) {
    int64_t columns = 0;
    for (const int64_t width : widths) columns += rounded(width);
    return columns;
  }

  /// One tensor of all rows for each width; contents are undefined.
  template <size_t N>
  std::array<Tensor, N> take(const std::array<int64_t, N>& widths) {
    std::array<Tensor, N> tensors;
    std::ranges::transform(widths, tensors.begin(), [this](int64_t width) { return take(width); });
    return tensors;
  }
  std::vector<Tensor> take(const std::vector<int64_t>& widths) {
    std::vector<Tensor> tensors(widths.size());
    std::ranges::transform(widths, tensors.begin(), [this](int64_t width) { return take(width); });
    return tensors;
  }

 private:
  Tensor take(int64_t width) {
    const Tensor tensor{memory_, rows_, width};
    memory_ = memory_.at(static_cast<uint64_t>(rows_ * rounded(width)) * sizeof(float));
    return tensor;
  }
  /// To 256 bytes, where every device lets a tensor begin.
  static constexpr int64_t rounded(int64_t width) { return (width + 63) / 64 * 64; }

  Buffer memory_;
  int64_t rows_;
};

}  // namespace hearth
