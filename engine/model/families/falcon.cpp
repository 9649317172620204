// Falcon (Almazrouei et al. 2023): attention and a plain feed-forward network side by side, without biases;
// of one norm (7B) or each of its own (40B).
#include "engine/model/families/family.h"
#include "engine/model/families/gpt.h"

namespace hearth::families {

Result<ModelSpec> falcon(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_gpt(keys, RopePairs::kHalves));
  for (LayerSpec& layer : spec.layers) {
    layer.parallel_residual = true;
    layer.norms = {.mixer = {"attn_norm_2", "attn_norm"}, .feed_forward = {"attn_norm"}};
  }
  return spec;
}

}  // namespace hearth::families
