#include "engine/model/blocks/cross_attention.h"

#include <algorithm>

namespace hearth {

CrossAttention::CrossAttention(const AttentionSpec& self, const NormSpec& norm, const BlockContext& context)
    : spec_(self),
      norm_spec_(norm),
      n_embd_(context.n_embd),
      kv_(static_cast<int32_t>(context.states.kv.size()) - 1) {}

void CrossAttention::tensors(TensorVisitor& visit) {
  visit.norm("cross_attn_norm", norm_spec_, n_embd_, norm_);
  visit.scaled_linear("cross_attn_q", spec_.query_width(), n_embd_, query_);
  visit.scaled_linear("cross_attn_k", spec_.key_width(), n_embd_, key_);
  visit.scaled_linear("cross_attn_v", spec_.value_width(), n_embd_, value_);
  visit.scaled_linear("cross_attn_o", n_embd_, spec_.heads_width(), output_);
  visit.unread("cross_attn_rel_b.weight", {spec_.n_head, spec_.relative.buckets});
}

int64_t CrossAttention::workspace_columns() const {
  return std::max(Workspace::columns_of(widths_of_text()), Workspace::columns_of(widths_of_answer()));
}

void CrossAttention::read(const Step& step, Workspace workspace, Tensor encoded) const {
  const auto [k, v] = workspace.take(widths_of_text());
  const std::array projections{key_.to(k), value_.to(v)};
  step.backend.linear(encoded, projections);
  step.backend.append_kv(step.states.kv(kv_), step.batch.rows, k, v);
}

void CrossAttention::forward(const Step& step, Workspace workspace, Tensor x) const {
  Backend& backend = step.backend;
  const auto [h, q, heads] = workspace.take(widths_of_answer());
  backend.norm(norm_spec_.kind, x, norm_.weight, norm_.bias, norm_spec_.epsilon, h);
  const Projection query = query_.to(q);
  backend.linear(h, {&query, 1});
  AttentionParameters parameters{spec_.n_head, spec_.scale};
  parameters.part = SequencePart::kSource;
  backend.attend(parameters, step.states.kv(kv_), step.batch.rows, q, heads);
  const Projection output = output_.to(h);
  backend.linear(heads, {&output, 1});
  backend.add(x, h);
}

}  // namespace hearth
