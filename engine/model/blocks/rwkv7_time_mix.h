// RWKV-7 (Peng et al. 2025, "Goose"): a generalised delta rule, whose values are mixed with those of the
// first layer.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "engine/model/block.h"

namespace hearth {

struct Rwkv7TimeMixSpec {
  int32_t n_head = 0;
  int64_t head_dimension = 0;
  // Of the pairs of matrices that each comes of:
  int64_t decay_rank = 0;
  int64_t rate_rank = 0;   // of how fast what is known is replaced
  int64_t value_rank = 0;  // of the share of the first layer's values
  int64_t gate_rank = 0;
  bool is_first = false;     // its values are those that all other layers mix with theirs (Step::carried)
  bool is_optional = false;  // norm and gate: where the file has them

  int64_t width() const { return n_head * head_dimension; }
};

class Rwkv7TimeMix final : public Block {
 public:
  Rwkv7TimeMix(const Rwkv7TimeMixSpec& spec, const BlockContext& context);

  void tensors(TensorVisitor& visit) override;
  int64_t workspace_columns() const override { return Workspace::columns_of(widths()); }
  void forward(const Step& step, Workspace workspace, Tensor h, Tensor update) const override;

 private:
  /// Two matrices with something between them: up(activation(down x)) + bias.
  struct LowRank {
    Weight down;
    Linear up;
  };
  /// What is mixed with the position before by a share of its own.
  enum Mixed : size_t { kReceptance, kDecay, kKey, kValue, kRate, kGate, kMixed };

  std::array<int64_t, 10> widths() const;
  void low_rank(TensorVisitor& visit, char name, int64_t rank, bool has_bias, LowRank& to) const;
  void mix_values(const Step& step, Tensor x, Tensor low, Tensor amounts, Tensor v) const;

  Rwkv7TimeMixSpec spec_;
  int64_t n_embd_;
  int32_t before_, state_;  // their numbers in the states
  std::array<Vector, kMixed> shares_;
  Weight receptance_, key_, value_, output_;
  LowRank decay_, rate_, value_share_, gate_;
  Vector removal_key_, replacement_key_, bonus_;
  Norm norm_;
};

inline std::unique_ptr<Block> make_block(const Rwkv7TimeMixSpec& spec, const BlockContext& context) {
  return std::make_unique<Rwkv7TimeMix>(spec, context);
}

}  // namespace hearth
