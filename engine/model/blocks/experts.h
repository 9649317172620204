// A mixture of feed-forward networks (Shazeer et al. 2017), of which a router chooses some for each
// row.
#pragma once

#include <cstdint>
#include <memory>

#include "engine/model/block.h"

namespace hearth {

struct ExpertsSpec : ExpertParameters {
  bool gated = true;  // else plain networks of two layers
};

class Experts final : public Block {
 public:
  Experts(const ExpertsSpec& spec, const BlockContext& context) : spec_(spec), n_embd_(context.n_embd) {}

  void tensors(TensorVisitor& visit) override;
  int64_t workspace_columns() const override { return 0; }
  /// update = the chosen experts' results, weighted.
  void forward(const Step& step, Workspace workspace, Tensor h, Tensor update) const override;

 private:
  ExpertsSpec spec_;
  int64_t n_embd_;
  ExpertWeights weights_;
};

inline std::unique_ptr<Block> make_block(const ExpertsSpec& spec, const BlockContext& context) {
  return std::make_unique<Experts>(spec, context);
}

}  // namespace hearth
