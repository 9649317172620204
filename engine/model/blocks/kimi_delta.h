// Kimi delta attention (Kimi Team 2025): a delta net in which every dimension of the keys decays on its own.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "engine/model/block.h"
#include "engine/model/blocks/delta_heads.h"

namespace hearth {

struct KimiDeltaSpec {
  int32_t n_head = 0;
  int64_t dimension = 0;  // of each head's queries, keys and values
  int64_t taps = 0;       // of the convolutions
  NormSpec norm;          // of what each head gives

  DeltaHeadsSpec heads() const { return {n_head, n_head, dimension, dimension, taps, norm.epsilon}; }
};

class KimiDelta final : public Block {
 public:
  KimiDelta(const KimiDeltaSpec& spec, const BlockContext& context)
      : spec_(spec), n_embd_(context.n_embd), heads_(spec.heads(), context) {}

  void tensors(TensorVisitor& visit) override;
  int64_t workspace_columns() const override {
    return Workspace::columns_of(widths()) + heads_.workspace_columns();
  }
  /// update = output(norm(delta rule(h)) * sigmoid(gate(h))).
  void forward(const Step& step, Workspace workspace, Tensor h, Tensor update) const override;

 private:
  int64_t width() const { return spec_.n_head * spec_.dimension; }
  /// Queries, keys, values, decays and gates, what comes of matrices of low rank to the last two, strengths.
  std::array<int64_t, 8> widths() const {
    return {width(), width(), width(), width(), width(), spec_.dimension, spec_.dimension, spec_.n_head};
  }

  KimiDeltaSpec spec_;
  int64_t n_embd_;
  DeltaHeads heads_;
  Weight query_, key_, value_, decay_down_, decay_up_, gate_down_, gate_up_, strength_, output_;
  Norm norm_;
};

inline std::unique_ptr<Block> make_block(const KimiDeltaSpec& spec, const BlockContext& context) {
  return std::make_unique<KimiDelta>(spec, context);
}

}  // namespace hearth
