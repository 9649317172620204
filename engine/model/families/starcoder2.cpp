// StarCoder 2 (Lozhkov et al. 2024) and CodeShell (Xie et al. 2024): GPT-2 with rope in place of vectors for
// positions.
#include "engine/model/families/family.h"
#include "engine/model/families/gpt.h"

namespace hearth::families {

Result<ModelSpec> starcoder2(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  return read_gpt(keys, RopePairs::kHalves);
}

Result<ModelSpec> codeshell(const Gguf& gguf) {
  HEARTH_ASSIGN(ModelSpec spec, starcoder2(gguf));
  spec.embedding.may_be_output = true;
  return spec;
}

}  // namespace hearth::families
