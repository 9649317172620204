#include "engine/model/blocks/plain.h"

#include <span>
#include <string>
#include <vector>

namespace hearth {

void Plain::tensors(TensorVisitor& visit) {
  const auto named = [&](std::string_view name) { return std::string(name).append(spec_.suffix); };
  visit.linear(named("ffn_up"), spec_.n_ff, n_embd_, up_);
  visit.linear(named("ffn_down"), n_embd_, spec_.n_ff, down_);
  if (!spec_.may_divide || !visit.has("ffn.act.scales")) return;
  const auto reciprocals = [](std::span<const float> divisors) {
    std::vector<float> factors;
    for (const float divisor : divisors) factors.push_back(1.0F / divisor);
    return factors;
  };
  visit.made("ffn.act.scales", {spec_.n_ff}, reciprocals, factors_);
}

void Plain::forward(const Step& step, Workspace workspace, Tensor h, Tensor update) const {
  const auto [hidden] = workspace.take(widths());
  const Projection up = up_.to(hidden, spec_.activation);
  step.backend.linear(h, {&up, 1});
  if (factors_) step.backend.multiply(hidden, factors_);
  const Projection down = down_.to(update);
  step.backend.linear(hidden, {&down, 1});
}

}  // namespace hearth
