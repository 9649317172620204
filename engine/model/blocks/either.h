// A mixture of experts in the layers for which the file has one, and a single gated network in the others: in
// files whose metadata doesn't tell (Jamba, Lieber et al. 2024).
#pragma once

#include <cstdint>
#include <memory>

#include "engine/model/block.h"
#include "engine/model/blocks/experts.h"
#include "engine/model/blocks/gated.h"

namespace hearth {

struct EitherSpec {
  GatedSpec gated;
  ExpertsSpec experts;
};

class Either final : public Block {
 public:
  Either(const EitherSpec& spec, const BlockContext& context)
      : gated_(spec.gated, context), experts_(spec.experts, context) {}

  void tensors(TensorVisitor& visit) override;
  int64_t workspace_columns() const override;
  void forward(const Step& step, Workspace workspace, Tensor h, Tensor update) const override;

 private:
  Gated gated_;
  Experts experts_;
  bool has_experts_ = false;
};

inline std::unique_ptr<Block> make_block(const EitherSpec& spec, const BlockContext& context) {
  return std::make_unique<Either>(spec, context);
}

}  // namespace hearth
