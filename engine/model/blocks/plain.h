// A feed-forward network of two layers (Vaswani et al. 2017).
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "engine/model/block.h"

namespace hearth {

struct PlainSpec {
  int64_t n_ff = 0;
  Activation activation = Activation::kGeluTanh;
  std::string_view suffix = {};  // of its tensors' names
  /// What the activation gives may be divided, by numbers that some files have (AWQ, Lin et al. 2023).
  bool may_divide = false;
};

class Plain final : public Block {
 public:
  Plain(const PlainSpec& spec, const BlockContext& context) : spec_(spec), n_embd_(context.n_embd) {}

  void tensors(TensorVisitor& visit) override;
  int64_t workspace_columns() const override { return Workspace::columns_of(widths()); }
  /// update = down(activation(up(h)) * factors).
  void forward(const Step& step, Workspace workspace, Tensor h, Tensor update) const override;

 private:
  std::array<int64_t, 1> widths() const { return {spec_.n_ff}; }

  PlainSpec spec_;
  int64_t n_embd_;
  Linear up_, down_;
  Vector factors_;  // of what the activation gives
};

inline std::unique_ptr<Block> make_block(const PlainSpec& spec, const BlockContext& context) {
  return std::make_unique<Plain>(spec, context);
}

}  // namespace hearth
