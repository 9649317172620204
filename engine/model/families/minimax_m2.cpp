// MiniMax M2: all heads of q and of k are normalised as one, a part of each turns; sigmoid routing with a
// bias. MiniMax 2025.
#include "engine/model/families/experts.h"
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {

Result<ModelSpec> minimax_m2(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kHalves));
  normalise_heads(spec, HeadNorm::kAll);
  ExpertFamily family{.is_as_wide_as_network = true};
  family.defaults.gating = ExpertGating::kSigmoid;
  HEARTH_TRY(read_experts(keys, family, spec));
  return spec;
}

}  // namespace hearth::families
