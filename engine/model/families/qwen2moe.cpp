// Qwen 1.5 and 2 with experts: beside them a shared one, of which a row's own sigmoid says how much counts.
// Yang et al. 2024.
#include "engine/model/families/experts.h"
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {

Result<ModelSpec> qwen2moe(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kHalves));
  HEARTH_ASSIGN(const auto shared, keys.optional_count("expert_shared_feed_forward_length", kMaxWidth));
  const int64_t n_ff = gated_width(spec.layers.front());
  ExpertFamily family{.divides_width = true};
  family.defaults.normalize_weights = false;
  HEARTH_TRY(read_experts(keys, family, spec));
  add_shared_expert(spec, {.n_ff = shared.value_or(0) > 0 ? *shared : n_ff, .has_gate = true});
  return spec;
}

}  // namespace hearth::families
