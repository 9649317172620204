// DeciLM and Llama-Nemotron (Bercovich et al. 2024, "Puzzle"): Llama's shape, but that a search left each
// layer as many heads and as wide a network as pay: some have a matrix in place of attention, some lack a
// part.
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {

Result<ModelSpec> deci(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kAdjacent, Absent::kAllowed));
  HEARTH_ASSIGN(auto n_head, keys.counts("attention.head_count", spec.layers.size(), INT32_MAX));
  n_head.resize(spec.layers.size());
  for (size_t index = 0; index < spec.layers.size(); ++index) {
    MixerSpec& mixer = spec.layers[index].mixer;
    if (std::holds_alternative<std::monostate>(mixer) && n_head[index] > 0) mixer = LinearMixerSpec{};
  }
  return spec;
}

}  // namespace hearth::families
