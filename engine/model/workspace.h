// Memory for the activations of one step, handed out from its beginning.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "engine/compute/tensor.h"

namespace hearth {

/// Passed by value: what a block takes of its own copy is free again when it returns. The owner makes it
/// large enough for all that is taken at one time.
class Workspace {
 public:
  Workspace(Buffer memory, int64_t rows) : memory_(memory), rows_(rows) {}

  /// Floats that a row of tensors with these widths takes.
  template <size_t N>
  static constexpr int64_t columns_of(const std::array<int64_t, N>& widths) {
    int64_t columns = 0;
    for (const int64_t width : widths) columns += rounded(width);
    return columns;
  }

  /// One tensor of all rows for each width; contents are undefined.
  template <size_t N>
  std::array<Tensor, N> take(const std::array<int64_t, N>& widths) {
    std::array<Tensor, N> tensors;
    for (size_t i = 0; i < N; ++i) {
      tensors[i] = {memory_, rows_, widths[i]};
      memory_ = memory_.at(static_cast<uint64_t>(rows_ * rounded(widths[i])) * sizeof(float));
    }
    return tensors;
  }

 private:
  /// To 256 bytes, where every device lets a tensor begin.
  static constexpr int64_t rounded(int64_t width) { return (width + 63) / 64 * 64; }

  Buffer memory_;
  int64_t rows_;
};

}  // namespace hearth
