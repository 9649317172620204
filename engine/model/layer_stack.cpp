#include "engine/model/layer_stack.h"

#include <algorithm>

#include "engine/model/spec.h"

namespace hearth {

LayerStack::LayerStack(const std::vector<LayerSpec>& layers, const BlockContext& context,
                       std::string_view prefix)
    : prefix_(prefix) {
  for (const LayerSpec& layer : layers) {
    context.states.enter(static_cast<int32_t>(layers_.size()));
    layers_.emplace_back(layer, context);
  }
}

void LayerStack::tensors(TensorVisitor& visit) {
  for (size_t index = 0; index < layers_.size(); ++index) {
    visit.enter(static_cast<int32_t>(index), prefix_);
    layers_[index].tensors(visit);
  }
}

int64_t LayerStack::workspace_columns() const {
  int64_t most = 0;
  for (const Layer& layer : layers_) most = std::max(most, layer.workspace_columns());
  return most;
}

Result<void> LayerStack::forward(const Step& step, Workspace workspace, Tensor x) const {
  return for_each_layer(step, layers_.size(),
                        [&](size_t index) { layers_[index].forward(step, workspace, x); });
}

}  // namespace hearth
