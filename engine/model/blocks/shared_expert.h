// A feed-forward network beside a mixture of experts, which every row goes through (Dai et al. 2024).
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "engine/model/block.h"

namespace hearth {

struct SharedExpertSpec {
  int64_t n_ff = 0;
  std::string suffix = "_shexp";  // of its tensors' names
  bool gated = true;              // else a plain network of two layers
  Activation activation = Activation::kSilu;
  float scale = 1.0F;  // of what it adds
};

class SharedExpert {
 public:
  SharedExpert(const SharedExpertSpec& spec, int64_t n_embd) : spec_(spec), n_embd_(n_embd) {}

  void tensors(TensorVisitor& visit);
  /// Floats of a row that `forward` takes of its workspace.
  int64_t workspace_columns() const { return Workspace::columns_of(widths()); }
  /// update += scale * network(h).
  void forward(const Step& step, Workspace workspace, Tensor h, Tensor update) const;

 private:
  /// Of the hidden layer and the result.
  std::array<int64_t, 2> widths() const { return {spec_.n_ff, n_embd_}; }

  SharedExpertSpec spec_;
  int64_t n_embd_;
  Weight gate_, up_, down_;
};

}  // namespace hearth
