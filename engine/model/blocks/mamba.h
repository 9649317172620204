// Mamba (Gu & Dao 2023): what a row says to a state space of one size depends on the row, so that a sequence
// is remembered by what matters of it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "engine/model/block.h"

namespace hearth {

struct MambaSpec {
  int64_t n_inner = 0;                // channels
  int64_t n_state = 0;                // numbers that each remembers
  int64_t n_step = 0;                 // from which the steps of all heads are made
  int64_t n_head = 0;                 // n_inner where each channel fades in its own way
  int64_t n_tap = 0;                  // of the convolution
  std::optional<NormSpec> norm = {};  // of the steps, the inputs and the outputs of the state space
  /// PLaMo 2: the gate and the input of one head after the other, and the steps behind the outputs.
  bool is_by_head = false;
};

class Mamba final : public Block {
 public:
  Mamba(const MambaSpec& spec, const BlockContext& context);

  void tensors(TensorVisitor& visit) override;
  int64_t workspace_columns() const override { return Workspace::columns_of(widths()); }
  void forward(const Step& step, Workspace workspace, Tensor h, Tensor update) const override;

 private:
  /// What the matrices give: both halves as one, the halves, what is convolved, low-rank steps, inputs and
  /// outputs of the state space, steps.
  std::array<int64_t, 8> widths() const;
  void project(Backend& backend, Tensor h, Tensor both, Tensor x, Tensor gate) const;

  MambaSpec spec_;
  int64_t n_embd_;
  int32_t convolution_state_, scan_state_;  // their numbers in the states
  Weight in_, step_in_, out_;
  Weight rows_of_step_, rows_of_in_, rows_of_out_;  // of step_in_
  Linear step_;
  Convolution convolution_;
  SelectiveScan scan_;
  Norm step_norm_, in_norm_, out_norm_;
};

inline std::unique_ptr<Block> make_block(const MambaSpec& spec, const BlockContext& context) {
  return std::make_unique<Mamba>(spec, context);
}

}  // namespace hearth
