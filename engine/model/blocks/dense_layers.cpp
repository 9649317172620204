#include "engine/model/blocks/dense_layers.h"

namespace hearth {

void DenseLayers::tensors(TensorVisitor& visit) {
  const bool has_first = visit.has("dense_2.weight");
  const bool has_second = visit.has("dense_3.weight");
  // One alone keeps the width.
  if (has_first) visit.matrix("dense_2.weight", has_second ? hidden_ : n_embd_, n_embd_, first_);
  if (has_second) visit.matrix("dense_3.weight", n_embd_, has_first ? hidden_ : n_embd_, second_);
}

void DenseLayers::forward(Backend& backend, Workspace workspace, Tensor x) const {
  if (!first_ && !second_) return;
  const Weight& narrowing = second_ ? second_ : first_;
  const auto [room] = workspace.take(widths());
  const Tensor hidden{room.data, x.rows, first_ && second_ ? hidden_ : n_embd_};
  if (first_ && second_) {
    const Projection widening{first_, {}, hidden};
    backend.linear(x, {&widening, 1});
  } else {
    backend.copy(x.data, hidden.data, x.bytes());
  }
  const Projection narrow{narrowing, {}, x};
  backend.linear(hidden, {&narrow, 1});
}

}  // namespace hearth
