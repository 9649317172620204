// A gated network of which only the largest gates open (Gemma 3n, Google 2025; as statistics of each row have
// it: You et al. 2025, "Spark Transformer").
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "engine/model/block.h"

namespace hearth {

struct SparseGatedSpec {
  int64_t n_ff = 0;
  float deviations = 0.0F;  // that a gate must lie above the mean of its row (Backend::keep_largest)
  Activation activation = Activation::kGeluTanh;
};

class SparseGated final : public Block {
 public:
  SparseGated(const SparseGatedSpec& spec, const BlockContext& context)
      : spec_(spec), n_embd_(context.n_embd) {}

  void tensors(TensorVisitor& visit) override;
  int64_t workspace_columns() const override { return Workspace::columns_of(widths()); }
  /// update = down(activation(largest(gate(h))) * up(h)).
  void forward(const Step& step, Workspace workspace, Tensor h, Tensor update) const override;

 private:
  std::array<int64_t, 2> widths() const { return {spec_.n_ff, spec_.n_ff}; }

  SparseGatedSpec spec_;
  int64_t n_embd_;
  Weight gate_, up_, down_;
};

inline std::unique_ptr<Block> make_block(const SparseGatedSpec& spec, const BlockContext& context) {
  return std::make_unique<SparseGated>(spec, context);
}

}  // namespace hearth
