#include "engine/model/blocks/attention.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <span>

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

void grow_with_position(const Step& step, const AttentionTemperature& temperature, Tensor q) {
  const std::span<const int32_t> positions = step.batch.rows.positions;
  std::vector<float> factors(positions.size());
  std::transform(positions.begin(), positions.end(), factors.begin(), [&](int32_t position) {
    const float place = static_cast<float>(position) + temperature.offset;
    return 1.0F +
           temperature.scale * std::log(1.0F + std::floor(place / static_cast<float>(temperature.length)));
  });
  step.backend.scale_rows(q, factors);
}

Attention::Attention(const AttentionSpec& spec, const BlockContext& context)
    : spec_(spec),
      n_embd_(context.n_embd),
      kv_(spec.shared_kv ? context.states.share_kv(*spec.shared_kv)
                         : context.states.add_kv(
                               {spec.n_head_kv, spec.key_dimension, spec.value_dimension, spec.causal})),
      indexer_(spec.indexer, context) {
  if (spec.alibi_bias > 0.0F) slopes_ = alibi_slopes(spec.alibi_bias, spec.n_head);
}

int64_t Attention::gate_width() const {
  switch (spec_.gate) {
    case AttentionGate::kNone:
      return 0;
    case AttentionGate::kHeads:
      return spec_.n_head;
    case AttentionGate::kHeadsOrMatrix:
      return gates_numbers_ ? spec_.heads_width() : spec_.n_head;
    case AttentionGate::kMatrix:
    case AttentionGate::kInQueries:
      return spec_.heads_width();
  }
  return 0;
}

std::array<int64_t, 6> Attention::widths() const {
  const int64_t mixed = spec_.gate == AttentionGate::kInQueries ? spec_.query_width() + gate_width() : 0;
  const bool stores = !spec_.shared_kv;
  return {spec_.query_width(),
          stores ? spec_.key_width() : 0,
          stores ? spec_.value_width() : 0,
          spec_.heads_width(),
          gate_width(),
          mixed};
}

void Attention::tensors(TensorVisitor& visit) {
  tensors_of_inputs(visit);
  tensors_of_norms(visit);
  if (spec_.has_sinks && (!spec_.sinks_are_optional || visit.has("attn_sinks.weight"))) {
    visit.vector("attn_sinks.weight", spec_.n_head, sinks_);
  }
  if (spec_.output_norm) visit.norm("attn_sub_norm", *spec_.output_norm, spec_.heads_width(), output_norm_);
  visit.scaled_linear(spec_.output_name, n_embd_, spec_.heads_width(), output_);
  indexer_.tensors(visit);
  if (spec_.relative.buckets > 0) tensors_of_distances(visit);
}

void Attention::tensors_of_distances(TensorVisitor& visit) {
  constexpr std::string_view kName = "attn_rel_b.weight";
  const auto& [buckets, is_first, of_first, both_sides] = spec_.relative;
  if (!is_first && !visit.has(kName)) return;
  std::vector<float> gains;
  visit.floats(kName, {spec_.n_head, buckets}, gains);
  if (gains.empty()) return;  // whoever counts tensors reads none, and may have another network of this spec
  own_gains_ = gains_of_distances(gains, buckets, both_sides);
  if (is_first) *of_first = own_gains_;
}

std::span<const float> Attention::distance_gains() const {
  if (spec_.relative.buckets == 0) return {};
  return own_gains_.empty() ? *spec_.relative.gains : own_gains_;
}

void Attention::tensors_of_inputs(TensorVisitor& visit) {
  gates_numbers_ = spec_.gate == AttentionGate::kHeadsOrMatrix &&
                   visit.has("attn_gate.weight", {n_embd_, spec_.heads_width()});
  const auto [own_q, k, v, heads, gates, mixed] = widths();
  const int64_t q = std::max(own_q, mixed);
  if (visit.has("attn_qkv.weight")) {
    Linear fused;
    visit.linear("attn_qkv", q + k + v, n_embd_, fused);
    query_ = fused.slice(0, q);
    key_ = fused.slice(q, k);
    value_ = fused.slice(q + k, v);
  } else {
    visit.scaled_linear("attn_q", q, n_embd_, query_);
    if (spec_.shared_kv) {
      visit.unread("attn_k.weight", {n_embd_, spec_.key_width()});
      visit.unread("attn_v.weight", {n_embd_, spec_.value_width()});
    } else {
      visit.scaled_linear("attn_k", k, n_embd_, key_);
      const bool has_values = !spec_.values_may_be_keys || visit.has("attn_v.weight");
      if (has_values) visit.scaled_linear("attn_v", v, n_embd_, value_);
    }
  }
  const bool has_gate = spec_.gate == AttentionGate::kMatrix || spec_.gate == AttentionGate::kHeadsOrMatrix ||
                        (spec_.gate == AttentionGate::kHeads && visit.has("attn_gate.weight"));
  if (has_gate) visit.linear("attn_gate", gates, n_embd_, gate_);
}

void Attention::tensors_of_norms(TensorVisitor& visit) {
  if (!spec_.query_key_norm) return;
  if (spec_.query_key_norm_is_optional && !visit.has("attn_q_norm.weight")) return;
  const NormSpec& norm = *spec_.query_key_norm;
  switch (spec_.head_norm) {
    case HeadNorm::kEach:
      visit.norm("attn_q_norm", norm, spec_.key_dimension, query_norm_);
      if (spec_.shared_kv) return visit.unread("attn_k_norm.weight", {spec_.key_dimension});
      return visit.norm("attn_k_norm", norm, spec_.key_dimension, key_norm_);
    case HeadNorm::kEachOwn:
      visit.table("attn_q_norm.weight", {spec_.key_dimension, spec_.n_head}, query_norm_.weight);
      visit.table("attn_k_norm.weight", {spec_.key_dimension, spec_.n_head_kv}, key_norm_.weight);
      if (visit.has("attn_q_norm.bias"))
        visit.table("attn_q_norm.bias", {spec_.key_dimension, spec_.n_head}, query_norm_.bias);
      if (visit.has("attn_k_norm.bias"))
        visit.table("attn_k_norm.bias", {spec_.key_dimension, spec_.n_head_kv}, key_norm_.bias);
      return;
    case HeadNorm::kEachBare:
      return tensors_of_gains(visit);
    case HeadNorm::kAll:
      visit.norm("attn_q_norm", norm, spec_.query_width(), query_norm_);
      visit.norm("attn_k_norm", norm, spec_.key_width(), key_norm_);
  }
}

// Some files have each number as often as a head has dimensions.
void Attention::tensors_of_gains(TensorVisitor& visit) {
  constexpr std::string_view kName = "attn_q_norm.weight";
  const std::vector<int64_t> all{spec_.key_dimension, spec_.n_head};
  if (visit.has(kName, all)) return visit.table(kName, all, query_norm_.weight);
  const auto spread = [times = static_cast<size_t>(spec_.key_dimension)](std::span<const float> gains) {
    std::vector<float> spread_gains;
    for (const float gain : gains) spread_gains.insert(spread_gains.end(), times, gain);
    return spread_gains;
  };
  visit.made(kName, {1, spec_.n_head}, spread, query_norm_.weight);
}

// Queries look up keys of their own sequence, and take the mix of values they find.
void Attention::forward(const Step& step, Workspace workspace, Tensor h, Tensor update) const {
  Backend& backend = step.backend;
  const BatchRows& rows = step.batch.rows;
  const auto [q, k, v, heads, gates, mixed] = workspace.take(widths());
  const Parts parts{q, k, v, heads, gates, mixed};
  project(backend, h, parts);
  if (!spec_.turns_before_norm) normalise(backend, parts);
  turn(step, parts);
  if (spec_.turns_before_norm) normalise(backend, parts);
  if (spec_.temperature.scale != 0.0F) grow_with_position(step, spec_.temperature, q);

  indexer_.forward(step, workspace, h, {});

  const KvPages& kv = step.states.kv(step.first_kv + kv_);
  if (!spec_.shared_kv) backend.append_kv(kv, rows, k, v);
  backend.attend({spec_.n_head, spec_.scale, spec_.soft_cap, spec_.window, spec_.causal, slopes_, spec_.chunk,
                  sinks_, distance_gains(), spec_.part, indexer_.chosen(step)},
                 kv, rows, q, heads);
  if (spec_.output_norm) {
    backend.norm(spec_.output_norm->kind, heads, output_norm_.weight, output_norm_.bias,
                 spec_.output_norm->epsilon, heads);
  }
  if (gate_.weight || spec_.gate == AttentionGate::kInQueries) {
    backend.gate(spec_.gate_activation, gates, heads, heads);
  }
  const Projection output = output_.to(update);
  backend.linear(heads, {&output, 1});
}

void Attention::project(Backend& backend, Tensor h, const Parts& to) const {
  const bool is_mixed = spec_.gate == AttentionGate::kInQueries;
  std::vector projections{query_.to(is_mixed ? to.mixed : to.q)};
  projections.reserve(4);
  if (key_.weight) projections.push_back(key_.to(to.k));
  if (value_.weight) projections.push_back(value_.to(to.v));
  if (gate_.weight) projections.push_back(gate_.to(to.gates));
  backend.linear(h, projections);
  if (key_.weight && !value_.weight) backend.copy(to.k.data, to.v.data, to.k.bytes());
  if (is_mixed) {
    const int64_t key = spec_.key_dimension;
    backend.copy_heads({to.mixed, spec_.n_head}, {to.q, spec_.n_head}, key);
    backend.copy_heads({to.mixed, spec_.n_head, key}, {to.gates, spec_.n_head}, spec_.value_dimension);
  }
  if (spec_.clamp == 0.0F) return;
  for (const Tensor& x : {to.q, to.k, to.v}) backend.clamp(spec_.clamp, x);
}

void Attention::normalise(Backend& backend, const Parts& parts) const {
  if (spec_.value_norm && !spec_.shared_kv) {
    const auto& [kind, epsilon, has_weights, has_bias] = *spec_.value_norm;
    backend.norm(kind, parts.v, {{}, spec_.value_dimension}, {}, epsilon, parts.v);
  }
  if (query_norm_.weight.size == 0) return;
  normalise(backend, parts.q, query_norm_);
  if (!spec_.shared_kv) normalise(backend, parts.k, key_norm_);
}

void Attention::normalise(Backend& backend, Tensor heads, const Norm& by) const {
  const NormSpec& norm = *spec_.query_key_norm;
  if (spec_.head_norm == HeadNorm::kEach || spec_.head_norm == HeadNorm::kAll) {
    return backend.norm(norm.kind, heads, by.weight, by.bias, norm.epsilon, heads);
  }
  backend.norm(norm.kind, heads, {{}, spec_.key_dimension}, {}, norm.epsilon, heads);
  if (by.weight) backend.multiply(heads, by.weight);
  if (by.bias) backend.add_vector(heads, by.bias);
}

void Attention::turn(const Step& step, const Parts& parts) const {
  if (spec_.rope.dimensions == 0) return;
  const Rope rope = step.ropes.of(spec_.rope);
  for (const Tensor& x : {parts.q, parts.k}) {
    if (x.columns > 0) step.backend.rope(rope, step.batch.rows.positions, spec_.key_dimension, x);
  }
}

}  // namespace hearth
