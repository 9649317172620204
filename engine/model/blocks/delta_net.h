// The gated delta net (Yang et al. 2024): linear attention that replaces what it knows under a key, as Qwen 3
// Next and Qwen 3.5 have it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "engine/model/block.h"
#include "engine/model/blocks/delta_heads.h"

namespace hearth {

struct DeltaNetSpec {
  /// Heads of which neighbours share keys have their strengths and decays by turns in one matrix (Qwen 3
  /// Next); else each has a matrix of its own (Qwen 3.5).
  DeltaHeadsSpec heads;
  NormSpec norm;  // of what each head gives
};

class DeltaNet final : public Block {
 public:
  DeltaNet(const DeltaNetSpec& spec, const BlockContext& context);

  void tensors(TensorVisitor& visit) override;
  int64_t workspace_columns() const override {
    return Workspace::columns_of(widths()) + heads_.workspace_columns();
  }
  /// update = output(norm(delta rule(h)) * silu(gate(h))).
  void forward(const Step& step, Workspace workspace, Tensor h, Tensor update) const override;

 private:
  /// Queries, keys and values; what opens the heads' results; decays and strengths; and what is taken apart
  /// to all of these where it comes of one matrix.
  struct Parts {
    Tensor q, k, v, gates, decays, strengths, mixed;
  };
  std::array<int64_t, 7> widths() const;
  void tensors_of_inputs(TensorVisitor& visit);
  void project(Backend& backend, Tensor h, const Parts& to) const;
  void take_apart(Backend& backend, Tensor h, const Parts& to) const;

  DeltaNetSpec spec_;
  int64_t n_embd_;
  DeltaHeads heads_;
  Linear query_key_value_, gate_, decay_, strength_, output_;
  Weight all_;                 // queries, keys, values and gates by turns, in older files
  Weight strength_and_decay_;  // by turns
  Norm norm_;
};

inline std::unique_ptr<Block> make_block(const DeltaNetSpec& spec, const BlockContext& context) {
  return std::make_unique<DeltaNet>(spec, context);
}

}  // namespace hearth
