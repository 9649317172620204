// A short convolution between two gates (Liquid AI 2025, "LFM2"): what a position takes of the few before it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "engine/model/block.h"

namespace hearth {

struct ShortConvolutionSpec {
  int64_t taps = 0;  // positions that it sees, its own included
};

class ShortConvolution final : public Block {
 public:
  ShortConvolution(const ShortConvolutionSpec& spec, const BlockContext& context);

  void tensors(TensorVisitor& visit) override;
  int64_t workspace_columns() const override { return Workspace::columns_of(widths()); }
  /// update = output(c * convolution(b * x)), where b, c and x are matrices' products with h.
  void forward(const Step& step, Workspace workspace, Tensor h, Tensor update) const override;

 private:
  std::array<int64_t, 4> widths() const { return {n_embd_, n_embd_, n_embd_, n_embd_}; }

  int64_t n_embd_;
  Convolution convolution_;
  int32_t state_;  // its number in the states
  Weight input_, output_;
};

inline std::unique_ptr<Block> make_block(const ShortConvolutionSpec& spec, const BlockContext& context) {
  return std::make_unique<ShortConvolution>(spec, context);
}

}  // namespace hearth
