// Arctic: experts that read the layer's input, beside a network as wide as the stream. Snowflake 2024.
#include "engine/model/families/experts.h"
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {

Result<ModelSpec> arctic(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kAdjacent));
  HEARTH_TRY(read_experts(keys, {.is_as_wide_as_network = true}, spec));
  for (LayerSpec& layer : spec.layers) {
    const auto experts = std::get<ExpertsSpec>(layer.feed_forward);
    layer.feed_forward = ExpertsBesideSpec{GatedSpec{.n_ff = spec.n_embd()}, experts, layer.norm};
  }
  return spec;
}

}  // namespace hearth::families
