// Hunyuan A13B: heads are normalised after they turned, and a shared expert stands beside the others. Tencent
// 2025.
#include "engine/model/families/experts.h"
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {

Result<ModelSpec> hunyuan_moe(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kHalves));
  normalise_heads(spec);
  for (LayerSpec& layer : spec.layers) attention_of(layer).turns_before_norm = true;
  const int64_t n_ff = gated_width(spec.layers.front());
  HEARTH_ASSIGN(const auto shared, keys.optional_count("expert_shared_feed_forward_length", kMaxWidth));
  HEARTH_TRY(read_experts(keys, {.is_as_wide_as_network = true}, spec));
  add_shared_expert(spec, {.n_ff = shared.value_or(0) > 0 ? *shared : n_ff});
  return spec;
}

}  // namespace hearth::families
