// A feed-forward network beside a mixture of experts, which every row goes through (Dai et al. 2024).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "engine/model/block.h"

namespace hearth {

struct SharedExpertSpec {
  int64_t n_ff = 0;
  std::string_view suffix = "_shexp";  // of its tensors' names
  bool gated = true;                   // else a plain network of two layers
  Activation activation = Activation::kSilu;
  bool has_gate = false;     // whose sigmoid says how much of it each row gets (Qwen 2)
  float sum_scale = 1.0F;    // of what the experts and it give together
  bool is_optional = false;  // only where the file has it (Grok)
};

class SharedExpert {
 public:
  SharedExpert(const SharedExpertSpec& spec, const BlockContext& context);

  void tensors(TensorVisitor& visit);
  /// Floats of a row that `forward` takes of its workspace.
  int64_t workspace_columns() const {
    return Workspace::columns_of(widths()) + network_->workspace_columns();
  }
  /// update = (update + network(h)) * sum_scale.
  void forward(const Step& step, Workspace workspace, Tensor h, Tensor update) const;

 private:
  /// Of the result and its weight.
  std::array<int64_t, 2> widths() const { return {n_embd_, spec_.has_gate ? 1 : 0}; }

  SharedExpertSpec spec_;
  int64_t n_embd_;
  std::unique_ptr<Block> network_;
  Weight opening_;
  bool is_there_ = true;
};

}  // namespace hearth
