// A mixture of feed-forward networks (Shazeer et al. 2017), of which a router chooses some for each
// row.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "engine/model/block.h"
#include "engine/model/blocks/shared_expert.h"

namespace hearth {

struct ExpertsSpec : ExpertParameters {
  bool gated = true;  // else plain networks of two layers
  std::optional<SharedExpertSpec> shared = {};
};

class Experts final : public Block {
 public:
  Experts(const ExpertsSpec& spec, const BlockContext& context);

  void tensors(TensorVisitor& visit) override;
  int64_t workspace_columns() const override;
  /// update = the chosen experts' results, weighted, and what the shared one adds.
  void forward(const Step& step, Workspace workspace, Tensor h, Tensor update) const override;

 private:
  std::array<int64_t, 1> widths() const { return {spec_.count}; }
  void matrices(TensorVisitor& visit, std::string_view name, int64_t rows, int64_t columns,
                ExpertMatrices& matrices) const;

  ExpertsSpec spec_;
  int64_t n_embd_;
  Linear router_;
  ExpertWeights weights_;
  std::optional<SharedExpert> shared_;
};

inline std::unique_ptr<Block> make_block(const ExpertsSpec& spec, const BlockContext& context) {
  return std::make_unique<Experts>(spec, context);
}

}  // namespace hearth
