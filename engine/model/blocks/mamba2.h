// Mamba 2 (Dao & Gu 2024): a selective state space whose channels stand in heads, which fade as one.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "engine/model/block.h"

namespace hearth {

struct Mamba2Spec {
  int64_t n_inner = 0;  // channels
  int64_t n_state = 0;  // numbers that each remembers
  int64_t n_head = 0;
  int64_t n_group = 0;         // of heads, with the same inputs and outputs of the state
  int64_t n_tap = 0;           // of the convolution
  float epsilon = 0.0F;        // of the norm of each group's channels
  bool may_lack_norm = false;  // that norm is there where the file has its weights (Falcon H1)

  int64_t shared_width() const { return n_group * n_state; }
};

class Mamba2 final : public Block {
 public:
  Mamba2(const Mamba2Spec& spec, const BlockContext& context);

  void tensors(TensorVisitor& visit) override;
  int64_t workspace_columns() const override { return Workspace::columns_of(widths()); }
  void forward(const Step& step, Workspace workspace, Tensor h, Tensor update) const override;

 private:
  /// A part of what is convolved, which goes on by itself: columns do not mix.
  struct Part {
    Weight weight;
    Convolution convolution;
    int32_t state;  // its number in the states
  };
  /// The gate; each part as it is and convolved; the steps.
  std::array<int64_t, 8> widths() const;
  void take_part(int64_t first, int64_t columns, Part& part) const;
  Part make_part(int64_t columns, const BlockContext& context) const;

  Mamba2Spec spec_;
  int64_t n_embd_;
  Part x_part_, in_part_, out_part_;
  int32_t scan_state_;
  Weight all_, gate_, step_, out_;
  Vector taps_, tap_bias_, step_bias_, norm_;
  SelectiveScan scan_;
};

inline std::unique_ptr<Block> make_block(const Mamba2Spec& spec, const BlockContext& context) {
  return std::make_unique<Mamba2>(spec, context);
}

}  // namespace hearth
