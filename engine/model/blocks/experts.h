// A mixture of feed-forward networks (Shazeer et al. 2017), of which a router chooses some for each
// row.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "engine/model/block.h"
#include "engine/model/blocks/gated.h"
#include "engine/model/blocks/shared_expert.h"

namespace hearth {

/// Smaller experts, one to each group of experts one after the other: a row goes through that of each expert
/// that it chose, weighed alike (Grove MoE, Wu et al. 2025).
struct AdjugatesSpec {
  int64_t n_ff = 0;
  int32_t group_size = 1;
  float scale = 1.0F;  // of what they add
};

struct ExpertsSpec : ExpertParameters {
  bool gated = true;  // else plain networks of two layers
  std::optional<SharedExpertSpec> shared = {};
  /// What the layer is where the file has no router for it.
  std::optional<GatedSpec> otherwise = {};
  std::optional<AdjugatesSpec> adjugates = {};
  /// The width of what experts read and give, between two matrices of the layer's (Nemotron 3 Super); 0: its
  /// own.
  int64_t latent = 0;
  bool routes_ahead = false;  // the router reads the layer's input, before attention (SmallThinker)
};

class Experts final : public Block {
 public:
  Experts(const ExpertsSpec& spec, const BlockContext& context);

  void tensors(TensorVisitor& visit) override;
  int64_t workspace_columns() const override;
  int64_t kept_columns() const override { return spec_.routes_ahead ? Workspace::columns_of(widths()) : 0; }
  /// Has the router read x.
  void look_ahead(const Step& step, Workspace workspace, Tensor x) const override;
  /// update = the chosen experts' results, weighted, and what the shared one adds.
  void forward(const Step& step, Workspace workspace, Tensor h, Tensor update) const override {
    forward_as_routed(step, workspace, h, h, update);
  }
  /// The same of a router that reads `routed` [rows, n_embd] instead of h.
  void forward_as_routed(const Step& step, Workspace workspace, Tensor h, Tensor routed, Tensor update) const;

 private:
  /// Of the router's logits, of what adjugates give, of what latent experts read and of what they give.
  std::array<int64_t, 4> widths() const {
    return {spec_.count, spec_.adjugates ? n_embd_ : 0, spec_.latent, spec_.latent};
  }
  int64_t expert_width() const { return spec_.latent > 0 ? spec_.latent : n_embd_; }
  void matrices(TensorVisitor& visit, std::string_view name, int64_t rows, int64_t columns,
                ExpertMatrices& matrices) const;
  void tensors_of_adjugates(TensorVisitor& visit);
  void add_adjugates(Backend& backend, Tensor logits, Tensor h, Tensor given, Tensor update) const;
  void route(Backend& backend, Tensor x, Tensor logits) const;

  ExpertsSpec spec_;
  int64_t n_embd_;
  Linear router_, latent_down_, latent_up_;
  ExpertWeights weights_, adjugates_;
  std::optional<SharedExpert> shared_;
  std::optional<Gated> otherwise_;
};

inline std::unique_ptr<Block> make_block(const ExpertsSpec& spec, const BlockContext& context) {
  return std::make_unique<Experts>(spec, context);
}

}  // namespace hearth
