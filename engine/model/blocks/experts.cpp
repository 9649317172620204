#include "engine/model/blocks/experts.h"

namespace hearth {

void Experts::tensors(TensorVisitor& visit) {
  const int64_t count = spec_.count;
  const int64_t n_ff = spec_.n_ff;
  visit.matrix("ffn_gate_inp.weight", count, n_embd_, weights_.router);
  if (spec_.gated) visit.stacked("ffn_gate_exps.weight", count, n_ff, n_embd_, weights_.gate);
  visit.stacked("ffn_up_exps.weight", count, n_ff, n_embd_, weights_.up);
  visit.stacked("ffn_down_exps.weight", count, n_embd_, n_ff, weights_.down);
}

void Experts::forward(const Step& step, Workspace /*workspace*/, Tensor h, Tensor update) const {
  step.backend.experts(spec_, weights_, h, update);
}

}  // namespace hearth
