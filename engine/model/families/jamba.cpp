// Jamba (Lieber et al. 2024): Mamba with normalised steps, inputs and outputs in most layers, attention that
// knows no positions in the others, and experts in some.
#include "engine/model/families/experts.h"
#include "engine/model/families/family.h"
#include "engine/model/families/state_space.h"

namespace hearth::families {

Result<ModelSpec> jamba(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kAdjacent, Absent::kHeads));
  HEARTH_ASSIGN(MambaSpec mamba, read_mamba(keys));
  mamba.norm = spec.head.norm;
  put_where_heads_are_absent(mamba, spec);
  HEARTH_ASSIGN(const auto n_expert, keys.optional_count("expert_count", kMaxWidth));
  for (LayerSpec& layer : spec.layers) {
    if (auto* attention = std::get_if<AttentionSpec>(&layer.mixer)) attention->rope = {};
  }
  if (n_expert.value_or(0) == 0) return spec;
  ExpertFamily family{.is_as_wide_as_network = true, .goes_by_routers = true};
  family.defaults.normalize_weights = false;
  HEARTH_TRY(read_experts(keys, family, spec));
  return spec;
}

}  // namespace hearth::families
