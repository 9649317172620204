// GPT-J (Wang & Komatsuzaki 2021) and GPT-NeoX (Black et al. 2022; Pythia, Dolly, RedPajama): attention and
// the feed-forward network side by side, of one norm or of two, and rope in some of each head's dimensions.
#include "engine/model/families/family.h"
#include "engine/model/families/gpt.h"

namespace hearth::families {

Result<ModelSpec> gptj(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_gpt(keys, RopePairs::kAdjacent));
  for (LayerSpec& layer : spec.layers) layer.norms = kOneNorm;
  return spec;
}

Result<ModelSpec> gptneox(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_gpt(keys, RopePairs::kHalves));
  HEARTH_ASSIGN(const auto side_by_side, keys.flag("use_parallel_residual"));
  if (!side_by_side) return keys.invalid("use_parallel_residual", "is missing");
  for (LayerSpec& layer : spec.layers) layer.parallel_residual = *side_by_side;
  return spec;
}

}  // namespace hearth::families
