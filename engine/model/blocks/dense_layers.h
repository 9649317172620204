// The dense layers that some models of vectors end in, behind their pooling (Sentence Transformers, Reimers &
// Gurevych 2019; EmbeddingGemma, Schechter Vera et al. 2025). They are linear and have no bias, so that the
// mean of what they give for each token is what they give for the mean.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "engine/model/block.h"

namespace hearth {

struct DenseLayersSpec {
  int64_t hidden = 0;  // what the first of the two widens to; 0: the width of the model
};

class DenseLayers {
 public:
  DenseLayers(const DenseLayersSpec& spec, int64_t n_embd)
      : hidden_(spec.hidden > 0 ? spec.hidden : n_embd), n_embd_(n_embd) {}

  /// Each only where the file has it.
  void tensors(TensorVisitor& visit);
  int64_t workspace_columns() const { return Workspace::columns_of(widths()); }
  /// x [rows, n_embd] = second(first(x)); rows are at most those of the workspace.
  void forward(Backend& backend, Workspace workspace, Tensor x) const;

 private:
  std::array<int64_t, 1> widths() const { return {std::max(hidden_, n_embd_)}; }

  int64_t hidden_, n_embd_;
  Weight first_, second_;
};

}  // namespace hearth
