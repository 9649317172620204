#include "engine/model/families/indexer.h"

namespace hearth::families {

Result<PositionIndexerSpec> read_indexer(const Hyperparameters& keys) {
  PositionIndexerSpec indexer;
  HEARTH_ASSIGN(indexer.n_head, keys.count("attention.indexer.head_count", kMaxWidth));
  HEARTH_ASSIGN(indexer.key_dimension, keys.count("attention.indexer.key_length", kMaxWidth));
  HEARTH_ASSIGN(indexer.count, keys.count("attention.indexer.top_k", kMaxWidth));
  if (int64_t{indexer.n_head} * indexer.key_dimension > kMaxWidth) {
    return keys.invalid("attention.indexer.head_count", "times its key_length is above any model's width");
  }
  return indexer;
}

Result<void> turn_indexer(const Hyperparameters& keys, const RopeSpec& rope, PositionIndexerSpec& indexer) {
  if (rope.dimensions > indexer.key_dimension) {
    return keys.invalid("attention.indexer.key_length", "is below rope.dimension_count");
  }
  indexer.rope = rope;
  return {};
}

Result<void> carry_chosen_positions(const Hyperparameters& keys, const PositionIndexerSpec& indexer,
                                    ModelSpec& spec) {
  constexpr int64_t kMostChosen = 1 << 20;     // far above any model there is; each row has room for so many
  constexpr int32_t kMostPositions = 1 << 24;  // they are handed on as floats, which number so many exactly
  spec.carried_width = indexer.carried_width();
  spec.most_positions = kMostPositions;
  if (spec.carried_width <= kMostChosen) return {};
  return keys.invalid("attention.indexer.top_k", "is more than any model's rows look at");
}

}  // namespace hearth::families
