#include "engine/model/blocks/sparse_gated.h"

namespace hearth {

void SparseGated::tensors(TensorVisitor& visit) {
  visit.matrix("ffn_gate.weight", spec_.n_ff, n_embd_, gate_);
  visit.matrix("ffn_up.weight", spec_.n_ff, n_embd_, up_);
  visit.matrix("ffn_down.weight", n_embd_, spec_.n_ff, down_);
}

void SparseGated::forward(const Step& step, Workspace workspace, Tensor h, Tensor update) const {
  Backend& backend = step.backend;
  const auto [gates, hidden] = workspace.take(widths());
  const std::array projections{Projection{gate_, {}, gates}, Projection{up_, {}, hidden}};
  backend.linear(h, projections);
  backend.keep_largest(spec_.deviations, gates);
  backend.gate(spec_.activation, gates, hidden, hidden);
  const Projection down{down_, {}, update};
  backend.linear(hidden, {&down, 1});
}

}  // namespace hearth
