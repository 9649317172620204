// RWKV-6 (Peng et al. 2024), and the transformers whose attention it took the place of (QRWKV: Yueyu et al.
// 2025).
#include <algorithm>

#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {
namespace {

Result<Rwkv6TimeMixSpec> read_time_mix6(const Hyperparameters& keys, int64_t n_embd) {
  Rwkv6TimeMixSpec mix;
  HEARTH_ASSIGN(const int32_t head_dimension, keys.count("wkv.head_size", std::min<int64_t>(n_embd, 65536)));
  if (n_embd % head_dimension != 0) return keys.invalid("wkv.head_size", "must divide embedding_length");
  mix.head_dimension = head_dimension;
  mix.n_head = static_cast<int32_t>(n_embd / head_dimension);
  mix.n_head_kv = mix.n_head;
  HEARTH_ASSIGN(mix.share_rank, keys.count("time_mix_extra_dim", kMaxWidth));
  HEARTH_ASSIGN(mix.decay_rank, keys.count("time_decay_extra_dim", kMaxWidth));
  return mix;
}

}  // namespace

Result<ModelSpec> rwkv6(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kLayer, RopePairs::kHalves, Absent::kHeads));
  HEARTH_ASSIGN(const Rwkv6TimeMixSpec mix, read_time_mix6(keys, spec.n_embd()));
  HEARTH_ASSIGN(const auto period, keys.optional_count("rescale_every_n_layers", INT32_MAX));
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    LayerSpec& layer = spec.layers[i];
    const int64_t n_ff = std::get<GatedSpec>(layer.feed_forward).n_ff;
    layer.mixer = mix;
    layer.feed_forward = ChannelMixSpec{n_ff, true};
    layer.norms.feed_forward = {"attn_norm_2"};
    const bool is_halved = period.value_or(0) > 0 && (i + 1) % static_cast<size_t>(*period) == 0;
    if (is_halved) layer.output_scale = 0.5F;
  }
  spec.embedding.norm = spec.head.norm;
  spec.applied_keys = {"rescale_every_n_layers"};
  return spec;
}

Result<ModelSpec> rwkv6qwen2(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kHalves, Absent::kHeads));
  HEARTH_ASSIGN(Rwkv6TimeMixSpec mix, read_time_mix6(keys, spec.n_embd()));
  HEARTH_ASSIGN(const auto n_head_kv, keys.optional_count("attention.head_count_kv", mix.n_head));
  if (n_head_kv.value_or(0) > 0) mix.n_head_kv = *n_head_kv;
  if (mix.n_head % mix.n_head_kv != 0) {
    return keys.invalid("attention.head_count_kv", "must divide the heads, embedding_length / wkv.head_size");
  }
  mix.has_bonus = false;
  for (LayerSpec& layer : spec.layers) layer.mixer = mix;
  return spec;
}

}  // namespace hearth::families
