#include "engine/model/blocks/gated.h"

namespace hearth {

void Gated::tensors(TensorVisitor& visit) {
  visit.linear("ffn_down", n_embd_, spec_.n_ff, down_);
  if (visit.has("ffn_gate.weight")) {
    visit.matrix("ffn_gate.weight", spec_.n_ff, n_embd_, gate_);
    visit.matrix("ffn_up.weight", spec_.n_ff, n_embd_, up_);
    return;
  }
  // Phi 3 stores gate and up as one matrix, gate first.
  Weight fused;
  visit.matrix("ffn_up.weight", 2 * spec_.n_ff, n_embd_, fused);
  gate_ = fused.slice_rows(0, spec_.n_ff);
  up_ = fused.slice_rows(spec_.n_ff, spec_.n_ff);
}

void Gated::forward(const Step& step, Workspace workspace, Tensor h, Tensor update) const {
  const auto [hidden] = workspace.take(widths());
  step.backend.gated_linear(h, gate_, up_, spec_.activation, hidden);
  const Projection down{down_.weight, down_.bias, update};
  step.backend.linear(hidden, {&down, 1});
}

}  // namespace hearth
