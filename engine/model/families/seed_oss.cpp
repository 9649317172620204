// Seed-OSS (ByteDance 2025): Llama's shape with biases on q, k and v, and rope over halves. Its files call
// the norm before the feed-forward network by its place behind attention.
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {

Result<ModelSpec> seed_oss(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kHalves));
  for (LayerSpec& layer : spec.layers) layer.norms.feed_forward = {"post_attention_norm"};
  return spec;
}

}  // namespace hearth::families
