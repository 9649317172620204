// Experts that read the layer's input, beside a network that reads what attention made of it (Arctic's
// "dense-MoE hybrid", Snowflake 2024).
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "engine/model/block.h"
#include "engine/model/blocks/experts.h"
#include "engine/model/blocks/gated.h"

namespace hearth {

struct ExpertsBesideSpec {
  GatedSpec network;
  ExpertsSpec experts;
  NormSpec norm;  // of what the experts read
};

class ExpertsBeside final : public Block {
 public:
  ExpertsBeside(const ExpertsBesideSpec& spec, const BlockContext& context)
      : norm_spec_(spec.norm),
        n_embd_(context.n_embd),
        network_(spec.network, context),
        experts_(spec.experts, context) {}

  void tensors(TensorVisitor& visit) override;
  int64_t workspace_columns() const override;
  int64_t kept_columns() const override { return Workspace::columns_of(widths()); }
  /// Has the experts read x.
  void look_ahead(const Step& step, Workspace workspace, Tensor x) const override;
  /// update = network(h) + what the experts gave.
  void forward(const Step& step, Workspace workspace, Tensor h, Tensor update) const override;

 private:
  /// Of what the experts give.
  std::array<int64_t, 1> widths() const { return {n_embd_}; }

  NormSpec norm_spec_;
  int64_t n_embd_;
  Gated network_;
  Experts experts_;
  Norm norm_;
};

inline std::unique_ptr<Block> make_block(const ExpertsBesideSpec& spec, const BlockContext& context) {
  return std::make_unique<ExpertsBeside>(spec, context);
}

}  // namespace hearth
