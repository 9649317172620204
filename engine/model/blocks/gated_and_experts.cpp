#include "engine/model/blocks/gated_and_experts.h"

#include <algorithm>
#include <cmath>

namespace hearth {

GatedAndExperts::GatedAndExperts(const GatedAndExpertsSpec& spec, const BlockContext& context)
    : n_embd_(context.n_embd),
      norm_(spec.norm),
      gated_(spec.gated, context),
      experts_(spec.experts, context) {}

void GatedAndExperts::tensors(TensorVisitor& visit) {
  visit.norm("ffn_norm", norm_.kind, n_embd_, gated_norm_);
  gated_.tensors(visit);
  visit.norm("post_ffw_norm_1", norm_.kind, n_embd_, gated_output_norm_);
  visit.norm("pre_ffw_norm_2", norm_.kind, n_embd_, experts_norm_);
  visit.vector("ffn_gate_inp.scale", n_embd_, router_norm_.weight);
  experts_.tensors(visit);
  visit.norm("post_ffw_norm_2", norm_.kind, n_embd_, experts_output_norm_);
}

int64_t GatedAndExperts::workspace_columns() const {
  return Workspace::columns_of(widths()) + std::max(gated_.workspace_columns(), experts_.workspace_columns());
}

void GatedAndExperts::forward(const Step& step, Workspace workspace, Tensor h, Tensor update) const {
  Backend& backend = step.backend;
  const auto [normalised, routed, mixed] = workspace.take(widths());
  norm(backend, h, gated_norm_, normalised);
  gated_.forward(step, workspace, normalised, update);
  norm(backend, update, gated_output_norm_, update);

  norm(backend, h, experts_norm_, normalised);
  norm(backend, h, router_norm_, routed);
  backend.scale(1.0F / std::sqrt(static_cast<float>(n_embd_)), routed);
  experts_.forward_as_routed(step, workspace, normalised, routed, mixed);
  norm(backend, mixed, experts_output_norm_, mixed);
  backend.add(update, mixed);
}

}  // namespace hearth
