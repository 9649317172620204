// The layers of a network, from first to last.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/model/layer.h"

namespace hearth {

/// Calls run(layer) for `count` of the network's layers in turn, from the network's `first` on, whose weights
/// are leased meanwhile. IO where they could not be read; ABORTED where the batch became unwanted.
template <typename Run>
Result<void> for_each_layer(const Step& step, size_t count, const Run& run, int32_t first = 0) {
  for (size_t layer = 0; layer < count; ++layer) {
    if (step.batch.is_unwanted && step.batch.is_unwanted()) return Error{ErrorCode::kAborted, "cancelled"};
    HEARTH_ASSIGN(const LayerLease lease, step.weights.lease(first + static_cast<int32_t>(layer)));
    run(layer);
    HEARTH_TRY(step.weights.outcome());
  }
  return {};
}

class LayerStack {
 public:
  /// `prefix` is as ModelSpec::layer_prefix, and must outlive it.
  LayerStack(const std::vector<LayerSpec>& layers, const BlockContext& context, std::string_view prefix = "");

  void tensors(TensorVisitor& visit);
  /// Floats of a row that `forward` takes of its workspace.
  int64_t workspace_columns() const;
  /// x [rows, n_embd] goes through every layer, whose weights are leased meanwhile. IO where they could not
  /// be read; ABORTED where the batch became unwanted.
  Result<void> forward(const Step& step, Workspace workspace, Tensor x) const;

 private:
  std::vector<Layer> layers_;
  std::string_view prefix_;
};

}  // namespace hearth
