#include "engine/model/blocks/summed.h"

#include <algorithm>

namespace hearth {

void Summed::tensors(TensorVisitor& visit) {
  attention_.tensors(visit);
  mamba_.tensors(visit);
}

int64_t Summed::workspace_columns() const {
  return Workspace::columns_of(widths()) +
         std::max(attention_.workspace_columns(), mamba_.workspace_columns());
}

void Summed::forward(const Step& step, Workspace workspace, Tensor h, Tensor update) const {
  const auto [other] = workspace.take(widths());
  attention_.forward(step, workspace, h, update);
  mamba_.forward(step, workspace, h, other);
  step.backend.add(update, other);
}

}  // namespace hearth
