#include "engine/model/blocks/laurel.h"

namespace hearth {

void Laurel::tensors(TensorVisitor& visit) {
  visit.matrix("laurel_l.weight", spec_.rank, n_embd_, left_);
  visit.matrix("laurel_r.weight", n_embd_, spec_.rank, right_);
  visit.norm("laurel_post_norm", spec_.norm.kind, n_embd_, norm_);
}

void Laurel::forward(const Step& step, Workspace workspace, Tensor h, Tensor update) const {
  Backend& backend = step.backend;
  const auto [narrow] = workspace.take(widths());
  const Projection left{left_, {}, narrow};
  backend.linear(h, {&left, 1});
  const Projection right{right_, {}, update};
  backend.linear(narrow, {&right, 1});
  backend.norm(spec_.norm.kind, update, norm_.weight, norm_.bias, spec_.norm.epsilon, update);
  backend.add(update, h);
}

}  // namespace hearth
