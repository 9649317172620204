#include "engine/model/blocks/delta_net.h"

#include <vector>

namespace hearth {

DeltaNet::DeltaNet(const DeltaNetSpec& spec, const BlockContext& context)
    : spec_(spec), n_embd_(context.n_embd), heads_(spec.heads, context) {}

std::array<int64_t, 7> DeltaNet::widths() const {
  const auto [q, k, v] = heads_.widths();
  const int64_t n_head = spec_.heads.n_head;
  return {q, k, v, v, n_head, n_head, spec_.heads.neighbours_share_keys ? q + k + 2 * v : 0};
}

void DeltaNet::tensors(TensorVisitor& visit) {
  const auto [q, k, v] = heads_.widths();
  tensors_of_inputs(visit);
  Vector taps;
  visit.table("ssm_conv1d.weight", {spec_.heads.taps, q + k + v}, taps);
  heads_.set_taps(taps);
  visit.vector("ssm_dt.bias", spec_.heads.n_head, heads_.decay_bias());
  visit.vector("ssm_a", spec_.heads.n_head, heads_.decay_rate());
  visit.norm("ssm_norm", spec_.norm.kind, spec_.heads.value_dimension, norm_);
  visit.scaled_linear("ssm_out", n_embd_, v, output_);
}

void DeltaNet::tensors_of_inputs(TensorVisitor& visit) {
  const auto [q, k, v] = heads_.widths();
  const int64_t n_head = spec_.heads.n_head;
  if (spec_.heads.neighbours_share_keys) {
    visit.matrix("ssm_ba.weight", 2 * n_head, n_embd_, strength_and_decay_);
  } else {
    visit.scaled_linear("ssm_beta", n_head, n_embd_, strength_);
    visit.scaled_linear("ssm_alpha", n_head, n_embd_, decay_);
  }
  if (spec_.heads.neighbours_share_keys && visit.has("ssm_in.weight")) {
    visit.matrix("ssm_in.weight", q + k + 2 * v, n_embd_, all_);
    return;
  }
  visit.scaled_linear("attn_qkv", q + k + v, n_embd_, query_key_value_);
  visit.scaled_linear("attn_gate", v, n_embd_, gate_);
}

void DeltaNet::forward(const Step& step, Workspace workspace, Tensor h, Tensor update) const {
  Backend& backend = step.backend;
  const auto [q, k, v, gates, decays, strengths, mixed] = workspace.take(widths());
  project(backend, h, {q, k, v, gates, decays, strengths, mixed});
  heads_.forward(step, workspace, {q, k, v, decays, strengths}, v);
  backend.norm(spec_.norm.kind, v, norm_.weight, norm_.bias, spec_.norm.epsilon, v);
  backend.gate(Activation::kSilu, gates, v, v);
  const Projection output = output_.to(update);
  backend.linear(v, {&output, 1});
}

void DeltaNet::project(Backend& backend, Tensor h, const Parts& to) const {
  const bool is_apart = !spec_.heads.neighbours_share_keys;
  if (!is_apart) take_apart(backend, h, to);
  const auto [q, k, v] = heads_.widths();
  std::vector<Projection> projections;
  if (!all_) {
    projections = {query_key_value_.slice(0, q).to(to.q), query_key_value_.slice(q, k).to(to.k),
                   query_key_value_.slice(q + k, v).to(to.v), gate_.to(to.gates)};
  }
  if (is_apart) projections.insert(projections.end(), {decay_.to(to.decays), strength_.to(to.strengths)});
  if (!projections.empty()) backend.linear(h, projections);
  backend.activate(Activation::kSigmoid, to.strengths);
}

/// For each head of keys in turn what is its own, and what is of the heads that share it.
void DeltaNet::take_apart(Backend& backend, Tensor h, const Parts& to) const {
  const int64_t n_head_key = spec_.heads.n_head_key;
  const int64_t sharing = spec_.heads.n_head / n_head_key;
  const Tensor pairs{to.mixed.data, to.mixed.rows, strength_and_decay_.rows};
  const Projection strength_and_decay{strength_and_decay_, {}, pairs};
  backend.linear(h, {&strength_and_decay, 1});
  backend.copy_heads({pairs, n_head_key}, {to.strengths, n_head_key}, sharing);
  backend.copy_heads({pairs, n_head_key, sharing}, {to.decays, n_head_key}, sharing);
  if (!all_) return;
  const Projection everything{all_, {}, to.mixed};
  backend.linear(h, {&everything, 1});
  const int64_t key = spec_.heads.key_dimension;
  const int64_t value = sharing * spec_.heads.value_dimension;
  backend.copy_heads({to.mixed, n_head_key}, {to.q, n_head_key}, key);
  backend.copy_heads({to.mixed, n_head_key, key}, {to.k, n_head_key}, key);
  backend.copy_heads({to.mixed, n_head_key, 2 * key}, {to.v, n_head_key}, value);
  backend.copy_heads({to.mixed, n_head_key, 2 * key + value}, {to.gates, n_head_key}, value);
}

}  // namespace hearth
