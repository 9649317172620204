#include "engine/model/blocks/experts.h"

#include <string>

namespace hearth {

Experts::Experts(const ExpertsSpec& spec, const BlockContext& context)
    : spec_(spec), n_embd_(context.n_embd) {
  if (spec.shared) shared_.emplace(*spec.shared, n_embd_);
}

void Experts::tensors(TensorVisitor& visit) {
  visit.linear("ffn_gate_inp", spec_.count, n_embd_, router_);
  for (const std::string_view name : {"exp_probs_b.bias", "exp_probs_b"}) {
    if (visit.has(name)) visit.vector(name, spec_.count, weights_.selection_bias);
  }
  if (spec_.gated && visit.has("ffn_gate_up_exps.weight")) {
    // Gate and up of an expert as one matrix, gate first.
    matrices(visit, "ffn_gate_up_exps", 2 * spec_.n_ff, n_embd_, weights_.gate);
    weights_.up = weights_.gate;
    weights_.up.first_row = spec_.n_ff;
  } else {
    if (spec_.gated) matrices(visit, "ffn_gate_exps", spec_.n_ff, n_embd_, weights_.gate);
    matrices(visit, "ffn_up_exps", spec_.n_ff, n_embd_, weights_.up);
  }
  matrices(visit, "ffn_down_exps", n_embd_, spec_.n_ff, weights_.down);
  if (shared_) shared_->tensors(visit);
}

void Experts::matrices(TensorVisitor& visit, std::string_view name, int64_t rows, int64_t columns,
                       ExpertMatrices& matrices) const {
  const std::string weight = std::string(name) + ".weight";
  const std::string bias = std::string(name) + ".bias";
  const std::string scale = std::string(name) + ".scale";
  visit.experts(weight, spec_.count, rows, columns, matrices);
  if (visit.has(bias)) visit.matrix(bias, spec_.count, rows, matrices.bias);
  if (visit.has(scale)) visit.vector(scale, spec_.count, matrices.scale);
}

int64_t Experts::workspace_columns() const {
  return Workspace::columns_of(widths()) + (shared_ ? shared_->workspace_columns() : 0);
}

void Experts::forward(const Step& step, Workspace workspace, Tensor h, Tensor update) const {
  const auto [logits] = workspace.take(widths());
  const Projection router{router_.weight, router_.bias, logits};
  step.backend.linear(h, {&router, 1});
  ExpertWeights weights = weights_;
  if (weights.up.places != nullptr) weights.store = &step.weights;
  step.backend.experts(spec_, weights, logits, h, update);
  if (shared_) shared_->forward(step, workspace, h, update);
}

}  // namespace hearth
