// A gated feed-forward network (Shazeer 2020, "GLU variants"): every row on its own, through a wider hidden
// layer.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "engine/model/block.h"

namespace hearth {

struct GatedSpec {
  int64_t n_ff = 0;
  Activation activation = Activation::kSilu;
  std::optional<NormSpec> inner_norm = {};  // of the hidden layer (BitNet)
  std::string_view suffix = {};             // of its tensors' names: "_shexp" of a mixture's shared expert
};

class Gated final : public Block {
 public:
  Gated(const GatedSpec& spec, const BlockContext& context) : spec_(spec), n_embd_(context.n_embd) {}

  void tensors(TensorVisitor& visit) override;
  int64_t workspace_columns() const override { return Workspace::columns_of(widths()); }
  /// update = down(activation(gate(h)) * up(h)), normalised before `down` where the spec says so.
  void forward(const Step& step, Workspace workspace, Tensor h, Tensor update) const override;

 private:
  /// Matrices alone are multiplied and joined in one operation; else gate and up each have a place.
  bool is_joined() const { return !gate_.bias && !gate_.scale && !up_.bias && !up_.scale; }
  std::array<int64_t, 2> widths() const { return {spec_.n_ff, is_joined() ? 0 : spec_.n_ff}; }

  GatedSpec spec_;
  int64_t n_embd_;
  Linear gate_, up_, down_;
  Norm inner_norm_;
};

inline std::unique_ptr<Block> make_block(const GatedSpec& spec, const BlockContext& context) {
  return std::make_unique<Gated>(spec, context);
}

}  // namespace hearth
