#include "engine/model/blocks/position_indexer.h"

#include <algorithm>

namespace hearth {

PositionIndexer::PositionIndexer(const PositionIndexerSpec& spec, const BlockContext& context)
    : spec_(spec), n_embd_(context.n_embd) {
  if (!chooses()) return;
  keys_ = context.states.add_kv(
      {.n_head_kv = 1, .key_dimension = spec.key_dimension, .value_dimension = 0, .values_in_keys = true});
}

ChosenPositions PositionIndexer::chosen(const Step& step) const {
  if (spec_.n_head == 0) return {};
  return {step.carried, spec_.by_head ? spec_.n_head : 1, spec_.block, spec_.latest};
}

void PositionIndexer::tensors(TensorVisitor& visit) {
  if (spec_.n_head == 0) return;
  if (!spec_.chooses) return leave(visit);
  const int64_t dimension = spec_.key_dimension;
  if (spec_.by_head) {
    visit.norm("indexer.q_norm", NormKind::kRms, dimension, query_norm_);
    visit.norm("indexer.k_norm", NormKind::kRms, dimension, key_norm_);
    visit.matrix("indexer.k_proj.weight", dimension, n_embd_, key_);
    visit.matrix("indexer.q_proj.weight", query_width(), n_embd_, query_);
    return;
  }
  visit.norm("indexer.k_norm", NormKind::kLayer, dimension, key_norm_);
  visit.matrix("indexer.proj.weight", spec_.n_head, n_embd_, head_weights_);
  visit.matrix("indexer.attn_k.weight", dimension, n_embd_, key_);
  visit.matrix("indexer.attn_q_b.weight", query_width(), spec_.q_lora_rank, query_);
}

/// Some files have an indexer where none chooses, too.
void PositionIndexer::leave(TensorVisitor& visit) const {
  visit.unread("indexer.k_norm.weight", {spec_.key_dimension});
  visit.unread("indexer.k_norm.bias", {spec_.key_dimension});
  visit.unread("indexer.proj.weight", {n_embd_, spec_.n_head});
  visit.unread("indexer.attn_k.weight", {n_embd_, spec_.key_dimension});
  visit.unread("indexer.attn_q_b.weight", {spec_.q_lora_rank, query_width()});
}

// DeepSeek's code turns queries and keys by one more matrix, a Hadamard transform, so that eight bits hold
// them better: their products are the same without. Nor does a factor of all scores change which are best.
void PositionIndexer::forward(const Step& step, Workspace workspace, Tensor h, Tensor query_latent) const {
  if (!chooses()) return;
  Backend& backend = step.backend;
  const BatchRows& rows = step.batch.rows;
  const auto [key, query, weights] = workspace.take(widths());
  const Projection to_key{key_, {}, key};
  backend.linear(h, {&to_key, 1});
  turn(step, key_norm_, key);
  const KvPages& keys = step.states.kv(keys_);
  backend.append_kv(keys, rows, key, {});

  const ChosenPositions chosen = this->chosen(step);
  const auto is_chosen_for = [&](int32_t position) { return chosen.chooses(position); };
  if (std::ranges::none_of(rows.positions, is_chosen_for)) return;
  const Projection to_query{query_, {}, query};
  backend.linear(spec_.by_head ? h : query_latent, {&to_query, 1});
  turn(step, query_norm_, query);
  if (spec_.by_head) return backend.choose_positions(keys, rows, query, {}, chosen);
  const Projection to_weights{head_weights_, {}, weights};
  backend.linear(h, {&to_weights, 1});
  backend.choose_positions(keys, rows, query, weights, chosen);
}

/// Normalised before, where there is a norm.
void PositionIndexer::turn(const Step& step, const Norm& norm, Tensor x) const {
  const NormKind kind = spec_.by_head ? NormKind::kRms : NormKind::kLayer;
  if (norm.weight) step.backend.norm(kind, x, norm.weight, norm.bias, spec_.epsilon, x);
  step.backend.rope(step.ropes.of(spec_.rope), step.batch.rows.positions, spec_.key_dimension, x);
}

}  // namespace hearth
