// A matrix in place of attention (Bercovich et al. 2024, "Puzzle"): every row on its own.
#pragma once

#include <cstdint>
#include <memory>

#include "engine/model/block.h"

namespace hearth {

struct LinearMixerSpec {};

class LinearMixer final : public Block {
 public:
  explicit LinearMixer(const BlockContext& context) : n_embd_(context.n_embd) {}

  void tensors(TensorVisitor& visit) override { visit.linear("attn_output", n_embd_, n_embd_, output_); }
  int64_t workspace_columns() const override { return 0; }
  /// update = output(h).
  void forward(const Step& step, Workspace /*workspace*/, Tensor h, Tensor update) const override {
    const Projection output = output_.to(update);
    step.backend.linear(h, {&output, 1});
  }

 private:
  int64_t n_embd_;
  Linear output_;
};

inline std::unique_ptr<Block> make_block(const LinearMixerSpec& /*spec*/, const BlockContext& context) {
  return std::make_unique<LinearMixer>(context);
}

}  // namespace hearth
