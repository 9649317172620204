// RWKV-7 (Peng et al. 2025), and the transformers whose attention it took the place of (ARWKV: Yueyu et al.
// 2025).
#include <algorithm>

#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {
namespace {

Result<Rwkv7TimeMixSpec> read_time_mix7(const Hyperparameters& keys, int64_t n_embd) {
  Rwkv7TimeMixSpec mix;
  HEARTH_ASSIGN(const int32_t head_dimension, keys.count("wkv.head_size", std::min<int64_t>(n_embd, 65536)));
  if (n_embd % head_dimension != 0) return keys.invalid("wkv.head_size", "must divide embedding_length");
  mix.head_dimension = head_dimension;
  mix.n_head = static_cast<int32_t>(n_embd / head_dimension);
  HEARTH_ASSIGN(mix.decay_rank, keys.count("attention.decay_lora_rank", kMaxWidth));
  HEARTH_ASSIGN(mix.rate_rank, keys.count("attention.iclr_lora_rank", kMaxWidth));
  HEARTH_ASSIGN(mix.value_rank, keys.count("attention.value_residual_mix_lora_rank", kMaxWidth));
  HEARTH_ASSIGN(const auto gate_rank, keys.optional_count("attention.gate_lora_rank", kMaxWidth));
  mix.gate_rank = gate_rank.value_or(0);
  return mix;
}

Result<ModelSpec> read_rwkv7(const Hyperparameters& keys, NormKind norm, bool is_optional) {
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, norm, RopePairs::kHalves, Absent::kHeads));
  HEARTH_ASSIGN(Rwkv7TimeMixSpec mix, read_time_mix7(keys, spec.n_embd()));
  mix.is_optional = is_optional;
  mix.is_first = true;
  for (LayerSpec& layer : spec.layers) {
    layer.mixer = mix;
    mix.is_first = false;
  }
  spec.carried_width = spec.n_embd();
  return spec;
}

}  // namespace

Result<ModelSpec> rwkv7(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_rwkv7(keys, NormKind::kLayer, false));
  for (LayerSpec& layer : spec.layers) {
    layer.feed_forward = ChannelMixSpec{std::get<GatedSpec>(layer.feed_forward).n_ff, false};
    layer.norms.feed_forward = {"attn_norm_2"};
  }
  spec.embedding.norm = spec.head.norm;
  return spec;
}

Result<ModelSpec> arwkv7(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  return read_rwkv7(keys, NormKind::kRms, true);
}

}  // namespace hearth::families
