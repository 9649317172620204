#include "engine/model/blocks/shared_expert.h"

namespace hearth {

void SharedExpert::tensors(TensorVisitor& visit) {
  if (spec_.gated) visit.matrix("ffn_gate" + spec_.suffix + ".weight", spec_.n_ff, n_embd_, gate_);
  visit.matrix("ffn_up" + spec_.suffix + ".weight", spec_.n_ff, n_embd_, up_);
  visit.matrix("ffn_down" + spec_.suffix + ".weight", n_embd_, spec_.n_ff, down_);
}

void SharedExpert::forward(const Step& step, Workspace workspace, Tensor h, Tensor update) const {
  Backend& backend = step.backend;
  const auto [hidden, out] = workspace.take(widths());
  if (spec_.gated) {
    backend.gated_linear(h, gate_, up_, spec_.activation, hidden);
  } else {
    const Projection up{up_, {}, hidden, spec_.activation};
    backend.linear(h, {&up, 1});
  }
  const Projection down{down_, {}, out};
  backend.linear(hidden, {&down, 1});
  backend.add_scaled(update, out, spec_.scale);
}

}  // namespace hearth
