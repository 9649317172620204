#include "engine/model/blocks/kimi_delta.h"

#include <string>

namespace hearth {

void KimiDelta::tensors(TensorVisitor& visit) {
  visit.matrix("attn_q.weight", width(), n_embd_, query_);
  visit.matrix("attn_k.weight", width(), n_embd_, key_);
  visit.matrix("attn_v.weight", width(), n_embd_, value_);
  for (size_t i = 0; i < 3; ++i) {
    visit.table(std::string("ssm_conv1d_") + "qkv"[i] + ".weight", {spec_.taps, 1, width()}, heads_.taps(i));
  }
  visit.matrix("ssm_f_a.weight", spec_.dimension, n_embd_, decay_down_);
  visit.matrix("ssm_f_b.weight", width(), spec_.dimension, decay_up_);
  visit.matrix("ssm_beta.weight", spec_.n_head, n_embd_, strength_);
  visit.table("ssm_a", {1, spec_.n_head}, heads_.decay_rate());
  visit.vector("ssm_dt.bias", width(), heads_.decay_bias());
  visit.matrix("ssm_g_a.weight", spec_.dimension, n_embd_, gate_down_);
  visit.matrix("ssm_g_b.weight", width(), spec_.dimension, gate_up_);
  visit.norm("ssm_norm", spec_.norm.kind, spec_.dimension, norm_);
  visit.matrix("attn_output.weight", n_embd_, width(), output_);
}

void KimiDelta::forward(const Step& step, Workspace workspace, Tensor h, Tensor update) const {
  Backend& backend = step.backend;
  const auto [q, k, v, decays, gates, low_decays, low_gates, strengths] = workspace.take(widths());
  const std::array projections{Projection{query_, {}, q},
                               Projection{key_, {}, k},
                               Projection{value_, {}, v},
                               Projection{decay_down_, {}, low_decays},
                               Projection{gate_down_, {}, low_gates},
                               Projection{strength_, {}, strengths, Activation::kSigmoid}};
  backend.linear(h, projections);
  const Projection decay_up{decay_up_, {}, decays};
  backend.linear(low_decays, {&decay_up, 1});
  const Projection gate_up{gate_up_, {}, gates};
  backend.linear(low_gates, {&gate_up, 1});
  heads_.forward(step, workspace, {q, k, v, decays, strengths}, v);
  backend.norm(spec_.norm.kind, v, norm_.weight, norm_.bias, spec_.norm.epsilon, v);
  backend.gate(Activation::kSigmoid, gates, v, v);
  const Projection output{output_, {}, update};
  backend.linear(v, {&output, 1});
}

}  // namespace hearth
