// Attention beside a state space: both read the same, and what they give is added (Zuo et al. 2025,
// "Falcon-H1").
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "engine/model/block.h"
#include "engine/model/blocks/attention.h"
#include "engine/model/blocks/mamba2.h"

namespace hearth {

struct SummedSpec {
  AttentionSpec attention;
  Mamba2Spec mamba;
};

class Summed final : public Block {
 public:
  Summed(const SummedSpec& spec, const BlockContext& context)
      : n_embd_(context.n_embd), attention_(spec.attention, context), mamba_(spec.mamba, context) {}

  void tensors(TensorVisitor& visit) override;
  int64_t workspace_columns() const override;
  /// update = attention(h) + mamba(h).
  void forward(const Step& step, Workspace workspace, Tensor h, Tensor update) const override;

 private:
  std::array<int64_t, 1> widths() const { return {n_embd_}; }

  int64_t n_embd_;
  Attention attention_;
  Mamba2 mamba_;
};

inline std::unique_ptr<Block> make_block(const SummedSpec& spec, const BlockContext& context) {
  return std::make_unique<Summed>(spec, context);
}

}  // namespace hearth
