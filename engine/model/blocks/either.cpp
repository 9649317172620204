#include "engine/model/blocks/either.h"

#include <algorithm>

namespace hearth {

void Either::tensors(TensorVisitor& visit) {
  has_experts_ = visit.has("ffn_gate_inp.weight");
  has_experts_ ? experts_.tensors(visit) : gated_.tensors(visit);
}

int64_t Either::workspace_columns() const {
  return std::max(gated_.workspace_columns(), experts_.workspace_columns());
}

void Either::forward(const Step& step, Workspace workspace, Tensor h, Tensor update) const {
  if (has_experts_) return experts_.forward(step, workspace, h, update);
  gated_.forward(step, workspace, h, update);
}

}  // namespace hearth
