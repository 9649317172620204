#include "engine/model/blocks/latent_attention.h"

#include <algorithm>

namespace hearth {

LatentAttention::LatentAttention(const LatentAttentionSpec& spec, const BlockContext& context)
    : spec_(spec),
      n_embd_(context.n_embd),
      kv_(context.states.add_kv(kv_shape())),
      indexer_(spec.indexer, context) {}

StatePlan::KvShape LatentAttention::kv_shape() const {
  if (!spec_.absorbed) return {spec_.n_head, spec_.key_dimension, spec_.value_dimension};
  return {.n_head_kv = 1,
          .key_dimension = spec_.kv_lora_rank + spec_.rope.dimensions,
          .value_dimension = spec_.kv_lora_rank,
          .values_in_keys = true};
}

/// Of Inputs, and of what the heads give.
std::array<int64_t, 6> LatentAttention::widths() const {
  return {spec_.q_lora_rank,
          spec_.n_head * int64_t{spec_.key_dimension},
          spec_.n_head * turning(),
          spec_.kv_lora_rank,
          turning(),
          heads_width()};
}

/// Of the queries' dimensions that do not turn, before and after K^T, of what is asked, and of what is
/// stored.
std::array<int64_t, 4> LatentAttention::absorbed_widths() const {
  const int64_t stored = spec_.kv_lora_rank + turning();
  return {spec_.n_head * still(), spec_.n_head * int64_t{spec_.kv_lora_rank}, spec_.n_head * stored, stored};
}

/// Of each head's K c and V c, then of keys and of values.
std::array<int64_t, 3> LatentAttention::expanded_widths() const {
  return {spec_.n_head * still() + heads_width(), spec_.n_head * int64_t{spec_.key_dimension}, heads_width()};
}

int64_t LatentAttention::workspace_columns() const {
  const int64_t attending =
      spec_.absorbed ? Workspace::columns_of(absorbed_widths()) : Workspace::columns_of(expanded_widths());
  return Workspace::columns_of(widths()) + std::max(attending, indexer_.workspace_columns());
}

void LatentAttention::tensors(TensorVisitor& visit) {
  const int64_t query_width = spec_.n_head * int64_t{spec_.key_dimension};
  const int64_t rank = spec_.kv_lora_rank;
  if (spec_.q_lora_rank > 0 && !visit.has("attn_q.weight")) {
    visit.matrix("attn_q_a.weight", spec_.q_lora_rank, n_embd_, query_down_);
    visit.norm("attn_q_a_norm", spec_.norm.kind, spec_.q_lora_rank, query_norm_);
    visit.matrix("attn_q_b.weight", query_width, spec_.q_lora_rank, query_);
  } else {
    visit.matrix("attn_q.weight", query_width, n_embd_, query_);
  }
  Weight compressing;
  visit.matrix("attn_kv_a_mqa.weight", rank + turning(), n_embd_, compressing);
  latent_ = compressing.slice_rows(0, rank);
  key_turning_ = compressing.slice_rows(rank, turning());
  visit.norm("attn_kv_a_norm", spec_.norm.kind, rank, latent_norm_);
  if (spec_.absorbed) {
    visit.stacked("attn_k_b.weight", spec_.n_head, rank, still(), key_absorbed_);
    visit.stacked("attn_v_b.weight", spec_.n_head, spec_.value_dimension, rank, value_);
  } else {
    visit.matrix("attn_kv_b.weight", spec_.n_head * still() + heads_width(), rank, key_value_);
  }
  visit.matrix("attn_output.weight", n_embd_, heads_width(), output_);
  indexer_.tensors(visit);
}

void LatentAttention::forward(const Step& step, Workspace workspace, Tensor h, Tensor update) const {
  const auto [query_latent, query, query_turning, latent, key_turning, heads] = workspace.take(widths());
  const Inputs inputs{query_latent, query, query_turning, latent, key_turning};
  read(step, h, inputs);
  indexer_.forward(step, workspace, h, query_latent);
  if (spec_.absorbed) {
    attend_to_latents(step, workspace, inputs, heads);
  } else {
    attend_to_heads(step, workspace, inputs, heads);
  }
  const Projection output{output_, {}, update};
  step.backend.linear(heads, {&output, 1});
}

void LatentAttention::read(const Step& step, Tensor h, const Inputs& inputs) const {
  Backend& backend = step.backend;
  const auto norm = [&](Tensor x, const Norm& by) {
    backend.norm(spec_.norm.kind, x, by.weight, by.bias, spec_.norm.epsilon, x);
  };
  const bool in_two_steps = static_cast<bool>(query_down_);
  const Projection of_stream =
      in_two_steps ? Projection{query_down_, {}, inputs.query_latent} : Projection{query_, {}, inputs.query};
  const std::array projections{of_stream, Projection{latent_, {}, inputs.latent},
                               Projection{key_turning_, {}, inputs.key_turning}};
  backend.linear(h, projections);
  if (in_two_steps) {
    norm(inputs.query_latent, query_norm_);
    const Projection query{query_, {}, inputs.query};
    backend.linear(inputs.query_latent, {&query, 1});
  }
  norm(inputs.latent, latent_norm_);
  if (spec_.temperature.scale != 0.0F) grow_with_position(step, spec_.temperature, inputs.query);

  backend.copy_heads({inputs.query, spec_.n_head, still()}, {inputs.query_turning, spec_.n_head}, turning());
  if (!spec_.turns) return;
  const Rope rope = step.ropes.of(spec_.rope);
  backend.rope(rope, step.batch.rows.positions, turning(), inputs.query_turning);
  backend.rope(rope, step.batch.rows.positions, turning(), inputs.key_turning);
}

void LatentAttention::attend_to_latents(const Step& step, Workspace workspace, const Inputs& inputs,
                                        Tensor heads) const {
  Backend& backend = step.backend;
  const auto [query_still, absorbed, query, key] = workspace.take(absorbed_widths());
  const int64_t rank = spec_.kv_lora_rank;
  backend.copy_heads({inputs.query, spec_.n_head}, {query_still, spec_.n_head}, still());
  backend.linear_by_head(query_still, key_absorbed_, absorbed);
  backend.copy_heads({absorbed, spec_.n_head}, {query, spec_.n_head}, rank);
  backend.copy_heads({inputs.query_turning, spec_.n_head}, {query, spec_.n_head, rank}, turning());
  backend.copy_heads({inputs.latent}, {key}, rank);
  backend.copy_heads({inputs.key_turning}, {key, 1, rank}, turning());

  const Tensor mixed = absorbed;
  attend(step, query, key, {}, mixed);
  backend.linear_by_head(mixed, value_, heads);
}

void LatentAttention::attend_to_heads(const Step& step, Workspace workspace, const Inputs& inputs,
                                      Tensor heads) const {
  Backend& backend = step.backend;
  const auto [expanded, key, value] = workspace.take(expanded_widths());
  const Projection projection{key_value_, {}, expanded};
  backend.linear(inputs.latent, {&projection, 1});
  backend.copy_heads({expanded, spec_.n_head}, {key, spec_.n_head}, still());
  backend.copy_heads({inputs.key_turning}, {key, spec_.n_head, still()}, turning());
  backend.copy_heads({expanded, spec_.n_head, still()}, {value, spec_.n_head}, spec_.value_dimension);
  backend.copy_heads({inputs.query_turning, spec_.n_head}, {inputs.query, spec_.n_head, still()}, turning());
  attend(step, inputs.query, key, value, heads);
}

void LatentAttention::attend(const Step& step, Tensor query, Tensor key, Tensor value, Tensor out) const {
  const KvPages& kv = step.states.kv(kv_);
  const BatchRows& rows = step.batch.rows;
  step.backend.append_kv(kv, rows, key, value);
  AttentionParameters parameters{spec_.n_head, spec_.scale};
  parameters.chosen = indexer_.chosen(step);
  step.backend.attend(parameters, kv, rows, query, out);
}

}  // namespace hearth
