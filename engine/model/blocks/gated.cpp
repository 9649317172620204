#include "engine/model/blocks/gated.h"

#include <string>

namespace hearth {

void Gated::tensors(TensorVisitor& visit) {
  const auto named = [&](std::string_view name) { return std::string(name).append(spec_.suffix); };
  visit.scaled_linear(named("ffn_down"), n_embd_, spec_.n_ff, down_);
  if (spec_.inner_norm) visit.norm("ffn_sub_norm", *spec_.inner_norm, spec_.n_ff, inner_norm_);
  const bool is_up_alone = visit.has(named("ffn_up") + ".weight", {n_embd_, spec_.n_ff});
  if (is_up_alone || visit.has(named("ffn_gate") + ".weight")) {
    visit.scaled_linear(named("ffn_gate"), spec_.n_ff, n_embd_, gate_);
    visit.scaled_linear(named("ffn_up"), spec_.n_ff, n_embd_, up_);
    return;
  }
  // Phi 3 stores gate and up as one matrix, gate first.
  Linear fused;
  visit.linear(named("ffn_up"), 2 * spec_.n_ff, n_embd_, fused);
  gate_ = fused.slice(0, spec_.n_ff);
  up_ = fused.slice(spec_.n_ff, spec_.n_ff);
}

void Gated::forward(const Step& step, Workspace workspace, Tensor h, Tensor update) const {
  Backend& backend = step.backend;
  const auto [hidden, ups] = workspace.take(widths());
  if (is_joined()) {
    backend.gated_linear(h, gate_.weight, up_.weight, spec_.activation, hidden);
  } else {
    backend.linear(h, std::array{gate_.to(hidden), up_.to(ups)});
    backend.gate(spec_.activation, hidden, ups, hidden);
  }
  if (spec_.inner_norm) {
    const auto& [kind, epsilon, has_weights, has_bias] = *spec_.inner_norm;
    backend.norm(kind, hidden, inner_norm_.weight, inner_norm_.bias, epsilon, hidden);
  }
  const Projection down = down_.to(update);
  backend.linear(hidden, {&down, 1});
}

}  // namespace hearth
