// Gemma 1: embeddings scaled by sqrt(n_embd), GELU gates. (Its norm's "1 + weight" is folded into the file's
// weights.) Gemma Team 2024.
#include <cmath>

#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {

Result<ModelSpec> gemma(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, kRmsEpsilonKey, RopePairs::kHalves));
  spec.activation = Activation::kGeluTanh;
  spec.embedding_scale = std::sqrt(static_cast<float>(spec.n_embd));
  return spec;
}

}  // namespace hearth::families
