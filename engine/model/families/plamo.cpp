// PLaMo (Preferred Networks 2023): attention and a gated feed-forward network side by side, of one norm.
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {

Result<ModelSpec> plamo(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kHalves));
  for (LayerSpec& layer : spec.layers) layer.norms = kOneNorm;
  return spec;
}

}  // namespace hearth::families
