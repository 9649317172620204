// Phi 3.5 MoE and Phi mini MoE: Phi 3's attention, experts in every layer, a bias on every norm. Abdin et al.
// 2024.
//
// Computed as llama.cpp does, whose files these are: norms of the root mean square, weights of the two best
// experts that add up to 1, no sliding window. Microsoft's code has layer norms, weighs each of the two by
// its share of those about as good (Liu et al. 2023, "sparse mixer"), and lets Phi mini MoE slide.
#include "engine/model/families/experts.h"
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {

Result<ModelSpec> phimoe(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kHalves));
  spec.head.norm.has_bias = true;
  for (LayerSpec& layer : spec.layers) layer.norm.has_bias = true;
  HEARTH_TRY(read_experts(keys, {.is_as_wide_as_network = true}, spec));
  spec.applied_keys = {"attention.sliding_window"};
  return spec;
}

}  // namespace hearth::families
