// A feed-forward network and a mixture of experts side by side, each with norms of its own (Gemma 4, Google
// 2026): it reads the residual stream as it is.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "engine/model/block.h"
#include "engine/model/blocks/experts.h"
#include "engine/model/blocks/gated.h"

namespace hearth {

struct GatedAndExpertsSpec {
  GatedSpec gated;
  ExpertsSpec experts;
  NormSpec norm;
  Activation activation = Activation::kGeluTanh;
};

class GatedAndExperts final : public Block {
 public:
  GatedAndExperts(const GatedAndExpertsSpec& spec, const BlockContext& context);

  void tensors(TensorVisitor& visit) override;
  int64_t workspace_columns() const override;
  /// update = norm(gated(norm(h))) + norm(experts(norm(h))); the router reads norm(h) / sqrt(n_embd), by a
  /// norm of its own.
  void forward(const Step& step, Workspace workspace, Tensor h, Tensor update) const override;

 private:
  std::array<int64_t, 3> widths() const { return {n_embd_, n_embd_, n_embd_}; }
  void norm(Backend& backend, Tensor in, const Norm& by, Tensor out) const {
    backend.norm(norm_.kind, in, by.weight, by.bias, norm_.epsilon, out);
  }

  int64_t n_embd_;
  NormSpec norm_;
  Gated gated_;
  Experts experts_;
  Norm gated_norm_, gated_output_norm_, experts_norm_, experts_output_norm_, router_norm_;
};

inline std::unique_ptr<Block> make_block(const GatedAndExpertsSpec& spec, const BlockContext& context) {
  return std::make_unique<GatedAndExperts>(spec, context);
}

}  // namespace hearth
