// Kimi Linear: delta nets whose keys decay dimension by dimension, in some layers latent attention, in which
// nothing turns, and experts. Kimi Team 2025.
#include "engine/model/families/experts.h"
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"
#include "engine/model/families/latent_attention.h"

namespace hearth::families {
namespace {

Result<KimiDeltaSpec> read_kimi_delta(const Hyperparameters& keys, const ModelSpec& spec) {
  KimiDeltaSpec delta;
  HEARTH_ASSIGN(const auto n_head, keys.counts("attention.head_count", spec.layers.size(), kMaxWidth));
  if (n_head.empty() || n_head.front() == 0) return keys.invalid("attention.head_count", "must be above 0");
  delta.n_head = n_head.front();
  HEARTH_ASSIGN(delta.dimension, keys.count("kda.head_dim", kMaxWidth / delta.n_head));
  HEARTH_ASSIGN(delta.taps, keys.count("ssm.conv_kernel", Convolution::kMostTaps));
  if (delta.taps < 2) return keys.invalid("ssm.conv_kernel", "must be above 1");
  delta.norm = spec.head.norm;
  return delta;
}

}  // namespace

/// Layers without heads of keys and values are delta nets.
Result<ModelSpec> kimi_linear(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kHalves, Absent::kHeads));
  HEARTH_ASSIGN(const KimiDeltaSpec delta, read_kimi_delta(keys, spec));
  HEARTH_TRY(read_latent_attention(keys, spec));
  for (LayerSpec& layer : spec.layers) {
    if (auto* latent = std::get_if<LatentAttentionSpec>(&layer.mixer)) {
      latent->turns = false;
    } else {
      layer.mixer = delta;
    }
  }
  HEARTH_TRY(read_experts(keys, {}, spec));
  HEARTH_ASSIGN(const int32_t n_ff, keys.count("expert_feed_forward_length", kMaxWidth));
  HEARTH_ASSIGN(const int32_t shared, keys.count("expert_shared_count", kMaxExperts));
  HEARTH_ASSIGN(const int64_t width, shared_width(keys, n_ff, shared));
  add_shared_expert(spec, {.n_ff = width});
  return spec;
}

}  // namespace hearth::families
