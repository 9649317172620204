#include "engine/model/blocks/experts.h"

#include <algorithm>
#include <string>

namespace hearth {
namespace {

void project(Backend& backend, const Linear& by, Tensor x, Tensor out) {
  const Projection projection = by.to(out);
  backend.linear(x, {&projection, 1});
}

}  // namespace

Experts::Experts(const ExpertsSpec& spec, const BlockContext& context)
    : spec_(spec), n_embd_(context.n_embd) {
  if (spec.shared) shared_.emplace(*spec.shared, context);
  if (spec.otherwise) otherwise_.emplace(*spec.otherwise, context);
}

void Experts::tensors(TensorVisitor& visit) {
  if (otherwise_ && !visit.has("ffn_gate_inp.weight")) return otherwise_->tensors(visit);
  visit.linear("ffn_gate_inp", spec_.count, n_embd_, router_);
  for (const std::string_view name : {"exp_probs_b.bias", "exp_probs_b"}) {
    if (visit.has(name)) visit.vector(name, spec_.count, weights_.selection_bias);
  }
  if (spec_.gated && visit.has("ffn_gate_up_exps.weight")) {
    // Gate and up of an expert as one matrix, gate first.
    matrices(visit, "ffn_gate_up_exps", 2 * spec_.n_ff, expert_width(), weights_.gate);
    weights_.up = weights_.gate;
    weights_.up.first_row = spec_.n_ff;
  } else {
    if (spec_.gated) matrices(visit, "ffn_gate_exps", spec_.n_ff, expert_width(), weights_.gate);
    matrices(visit, "ffn_up_exps", spec_.n_ff, expert_width(), weights_.up);
  }
  matrices(visit, "ffn_down_exps", expert_width(), spec_.n_ff, weights_.down);
  if (spec_.latent > 0) {
    visit.linear("ffn_latent_down", spec_.latent, n_embd_, latent_down_);
    visit.linear("ffn_latent_up", n_embd_, spec_.latent, latent_up_);
  }
  if (spec_.adjugates) tensors_of_adjugates(visit);
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

// They are small: all are there while the layer is.
void Experts::tensors_of_adjugates(TensorVisitor& visit) {
  const auto& [n_ff, group_size, scale] = *spec_.adjugates;
  const int64_t count = spec_.count / group_size;
  const auto stacked = [&](std::string_view name, int64_t rows, int64_t columns, ExpertMatrices& matrices) {
    visit.stacked(name, count, rows, columns, matrices.all);
    matrices.stride = rows;
  };
  stacked("ffn_gate_chexps.weight", n_ff, n_embd_, adjugates_.gate);
  stacked("ffn_up_chexps.weight", n_ff, n_embd_, adjugates_.up);
  stacked("ffn_down_chexps.weight", n_embd_, n_ff, adjugates_.down);
}

int64_t Experts::workspace_columns() const {
  const int64_t own = Workspace::columns_of(widths()) + (shared_ ? shared_->workspace_columns() : 0);
  return std::max(own, otherwise_ ? otherwise_->workspace_columns() : 0);
}

void Experts::look_ahead(const Step& step, Workspace workspace, Tensor x) const {
  const auto [logits, given, narrow, result] = workspace.take(widths());
  route(step.backend, x, logits);
}

void Experts::forward_as_routed(const Step& step, Workspace workspace, Tensor h, Tensor routed,
                                Tensor update) const {
  if (!router_.weight) return otherwise_->forward(step, workspace, h, update);
  const auto [logits, given, narrow, result] = workspace.take(widths());
  if (!spec_.routes_ahead) route(step.backend, routed, logits);
  ExpertWeights weights = weights_;
  if (weights.up.places != nullptr) weights.store = &step.weights;
  if (spec_.latent > 0) {
    project(step.backend, latent_down_, h, narrow);
    step.backend.experts(spec_, weights, logits, narrow, result);
    project(step.backend, latent_up_, result, update);
  } else {
    step.backend.experts(spec_, weights, logits, h, update);
  }
  if (spec_.adjugates) add_adjugates(step.backend, logits, h, given, update);
  if (shared_) shared_->forward(step, workspace, h, update);
}

void Experts::add_adjugates(Backend& backend, Tensor logits, Tensor h, Tensor given, Tensor update) const {
  ExpertParameters parameters = spec_;
  parameters.n_ff = spec_.adjugates->n_ff;
  parameters.sharing = spec_.adjugates->group_size;
  backend.experts(parameters, adjugates_, logits, h, given);
  backend.add_scaled(update, given, spec_.adjugates->scale);
}

void Experts::route(Backend& backend, Tensor x, Tensor logits) const { project(backend, router_, x, logits); }

}  // namespace hearth
