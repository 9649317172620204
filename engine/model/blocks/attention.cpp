#include "engine/model/blocks/attention.h"

#include <bit>
#include <cmath>

namespace hearth {
namespace {

/// Heads up to a power of two have slopes in a geometric series that ends at 2^-bias; those beyond it lie
/// between, from the steepest on.
std::vector<float> alibi_slopes(float bias, int32_t n_head) {
  const auto in_series = static_cast<int32_t>(std::bit_floor(static_cast<uint32_t>(n_head)));
  const float step = -bias / static_cast<float>(in_series);
  std::vector<float> slopes;
  for (int32_t head = 0; head < n_head; ++head) {
    const float place =
        head < in_series ? static_cast<float>(head + 1) : static_cast<float>(head - in_series) + 0.5F;
    slopes.push_back(std::exp2(step * place));
  }
  return slopes;
}

}  // namespace

Attention::Attention(const AttentionSpec& spec, const BlockContext& context)
    : spec_(spec),
      n_embd_(context.n_embd),
      kv_(context.states.add_kv({spec.n_head_kv, spec.key_dimension, spec.value_dimension, spec.causal})) {
  if (spec.alibi_bias > 0.0F) slopes_ = alibi_slopes(spec.alibi_bias, spec.n_head);
}

void Attention::tensors(TensorVisitor& visit) {
  const auto [q, k, v, heads] = widths();
  if (visit.has("attn_qkv.weight")) {
    Linear fused;
    visit.linear("attn_qkv", q + k + v, n_embd_, fused);
    const auto part = [&](int64_t first, int64_t count) {
      return Linear{fused.weight.slice_rows(first, count),
                    fused.bias ? fused.bias.slice(first, count) : Vector{}};
    };
    query_ = part(0, q);
    key_ = part(q, k);
    value_ = part(q + k, v);
  } else {
    visit.linear("attn_q", q, n_embd_, query_);
    visit.linear("attn_k", k, n_embd_, key_);
    visit.linear("attn_v", v, n_embd_, value_);
  }
  if (spec_.query_key_norm && (!spec_.norms_heads_as_one || visit.has("attn_q_norm.weight"))) {
    const NormKind kind = spec_.query_key_norm->kind;
    visit.norm("attn_q_norm", kind, spec_.norms_heads_as_one ? q : spec_.key_dimension, query_norm_);
    visit.norm("attn_k_norm", kind, spec_.norms_heads_as_one ? k : spec_.key_dimension, key_norm_);
  }
  visit.linear("attn_output", n_embd_, heads, output_);
}

// Queries look up keys of their own sequence, and take the mix of values they find.
void Attention::forward(const Step& step, Workspace workspace, Tensor h, Tensor update) const {
  Backend& backend = step.backend;
  const auto [q, k, v, heads] = workspace.take(widths());
  const std::array<Projection, 3> projections{Projection{query_.weight, query_.bias, q},
                                              Projection{key_.weight, key_.bias, k},
                                              Projection{value_.weight, value_.bias, v}};
  backend.linear(h, projections);
  if (query_norm_.weight) {
    const auto& [kind, epsilon] = *spec_.query_key_norm;
    backend.norm(kind, q, query_norm_.weight, query_norm_.bias, epsilon, q);
    backend.norm(kind, k, key_norm_.weight, key_norm_.bias, epsilon, k);
  }
  const BatchRows& rows = step.batch.rows;
  if (spec_.rope.dimensions > 0) {
    const Rope rope = step.ropes.of(spec_.rope);
    backend.rope(rope, rows.positions, spec_.key_dimension, q);
    backend.rope(rope, rows.positions, spec_.key_dimension, k);
  }

  const KvPages& kv = step.states.kv(kv_);
  backend.append_kv(kv, rows, k, v);
  backend.attend({spec_.n_head, spec_.scale, spec_.soft_cap, spec_.window, spec_.causal, slopes_}, kv, rows,
                 q, heads);
  const Projection output{output_.weight, output_.bias, update};
  backend.linear(heads, {&output, 1});
}

}  // namespace hearth
