// MiniMax M3 (MiniMax 2026): heads that are normalised and turn in part; behind some leading layers each head
// of keys and values has blocks of positions chosen, and experts by sigmoids with a bias stand beside a
// shared one; gates are clamped as gpt-oss has them.
#include "engine/model/families/experts.h"
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"
#include "engine/model/families/indexer.h"

namespace hearth::families {
namespace {

/// Of the layers that have experts.
Result<void> read_block_indexer(const Hyperparameters& keys, ModelSpec& spec) {
  HEARTH_ASSIGN(PositionIndexerSpec indexer, read_indexer(keys));
  HEARTH_ASSIGN(indexer.block, keys.count("attention.indexer.block_size", kMaxWidth));
  HEARTH_ASSIGN(indexer.latest, keys.count("attention.indexer.local_blocks", indexer.count));
  indexer.by_head = true;
  for (LayerSpec& layer : spec.layers) {
    if (!std::holds_alternative<ExpertsSpec>(layer.feed_forward)) continue;
    AttentionSpec& attention = attention_of(layer);
    if (attention.n_head_kv != indexer.n_head) {
      return keys.invalid("attention.indexer.head_count", "must be attention.head_count_kv");
    }
    HEARTH_TRY(turn_indexer(keys, attention.rope, indexer));
    indexer.epsilon = layer.norm.epsilon;
    attention.indexer = indexer;
  }
  return carry_chosen_positions(keys, indexer, spec);
}

}  // namespace

Result<ModelSpec> minimax_m3(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kHalves));
  normalise_heads(spec);
  ExpertFamily family;
  family.defaults.gating = ExpertGating::kSigmoid;
  family.defaults.normalize_weights = false;
  family.defaults.activation = Activation::kClampedSwish;
  HEARTH_TRY(read_experts(keys, family, spec));
  for (LayerSpec& layer : spec.layers) {
    if (auto* const dense = std::get_if<GatedSpec>(&layer.feed_forward)) {
      dense->activation = Activation::kClampedSwish;
    }
  }
  HEARTH_ASSIGN(const auto n_ff, keys.count("expert_feed_forward_length", kMaxWidth));
  SharedExpertSpec shared{.activation = Activation::kClampedSwish};
  HEARTH_ASSIGN(shared.n_ff, read_shared_width(keys, n_ff));
  add_shared_expert(spec, shared);
  HEARTH_TRY(read_block_indexer(keys, spec));
  return spec;
}

}  // namespace hearth::families
