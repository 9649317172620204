// A learned augmented residual (LAuReL, Menghani et al. 2024): x and a low-rank product of it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "engine/model/block.h"

namespace hearth {

struct LaurelSpec {
  int64_t rank = 64;
  NormSpec norm;
};

class Laurel final : public Block {
 public:
  Laurel(const LaurelSpec& spec, const BlockContext& context) : spec_(spec), n_embd_(context.n_embd) {}

  void tensors(TensorVisitor& visit) override;
  int64_t workspace_columns() const override { return Workspace::columns_of(widths()); }
  /// update = h + norm(right(left(h))).
  void forward(const Step& step, Workspace workspace, Tensor h, Tensor update) const override;

 private:
  std::array<int64_t, 1> widths() const { return {spec_.rank}; }

  LaurelSpec spec_;
  int64_t n_embd_;
  Weight left_, right_;
  Norm norm_;
};

inline std::unique_ptr<Block> make_block(const LaurelSpec& spec, const BlockContext& context) {
  return std::make_unique<Laurel>(spec, context);
}

}  // namespace hearth
