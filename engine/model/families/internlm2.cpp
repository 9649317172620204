// InternLM 2 (Cai et al. 2024): Llama's shape, its queries, keys and values taken apart by the converter.
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {

Result<ModelSpec> internlm2(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  return read_common(keys, NormKind::kRms, RopePairs::kAdjacent);
}

}  // namespace hearth::families
