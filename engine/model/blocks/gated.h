// A gated feed-forward network (Shazeer 2020, "GLU variants"): every row on its own, through a wider hidden
// layer.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "engine/model/block.h"

namespace hearth {

struct GatedSpec {
  int64_t n_ff = 0;
  Activation activation = Activation::kSilu;
};

class Gated final : public Block {
 public:
  Gated(const GatedSpec& spec, const BlockContext& context) : spec_(spec), n_embd_(context.n_embd) {}

  void tensors(TensorVisitor& visit) override;
  int64_t workspace_columns() const override { return Workspace::columns_of(widths()); }
  /// update = down(activation(gate(h)) * up(h)).
  void forward(const Step& step, Workspace workspace, Tensor h, Tensor update) const override;

 private:
  std::array<int64_t, 1> widths() const { return {spec_.n_ff}; }

  GatedSpec spec_;
  int64_t n_embd_;
  Weight gate_, up_;
  Linear down_;
};

inline std::unique_ptr<Block> make_block(const GatedSpec& spec, const BlockContext& context) {
  return std::make_unique<Gated>(spec, context);
}

}  // namespace hearth
