#include "engine/model/blocks/experts_beside.h"

#include <algorithm>

namespace hearth {

void ExpertsBeside::tensors(TensorVisitor& visit) {
  network_.tensors(visit);
  visit.norm("ffn_norm_exps", norm_spec_, n_embd_, norm_);
  experts_.tensors(visit);
}

int64_t ExpertsBeside::workspace_columns() const {
  const int64_t of_experts = Workspace::columns_of(widths()) + experts_.workspace_columns();
  return Workspace::columns_of(widths()) + std::max(network_.workspace_columns(), of_experts);
}

void ExpertsBeside::look_ahead(const Step& step, Workspace workspace, Tensor x) const {
  const auto [given] = workspace.take(widths());
  const auto [h] = workspace.take(widths());
  step.backend.norm(norm_spec_.kind, x, norm_.weight, norm_.bias, norm_spec_.epsilon, h);
  experts_.forward(step, workspace, h, given);
}

void ExpertsBeside::forward(const Step& step, Workspace workspace, Tensor h, Tensor update) const {
  const auto [given] = workspace.take(widths());
  network_.forward(step, workspace, h, update);
  step.backend.add(update, given);
}

}  // namespace hearth
