// EXAONE 4.5's mixture: three layers of four slide and turn, the fourth does neither; a shared expert beside
// the others; layers behind the last guess tokens further on. LG AI Research 2025.
#include "engine/model/families/experts.h"
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"
#include "engine/model/families/nextn.h"
#include "engine/model/families/sliding.h"

namespace hearth::families {

Result<ModelSpec> exaone_moe(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kHalves));
  HEARTH_TRY(leave_out_nextn(keys, spec));
  normalise_heads(spec);
  HEARTH_TRY(turn_only_where_it_slides(keys, spec));
  HEARTH_ASSIGN(const auto n_ff, keys.count("expert_feed_forward_length", kMaxWidth));
  HEARTH_ASSIGN(const auto shared, keys.optional_count("expert_shared_feed_forward_length", kMaxWidth));
  ExpertFamily family;
  family.defaults.gating = ExpertGating::kSigmoid;
  family.defaults.normalize_weights = false;
  HEARTH_TRY(read_experts(keys, family, spec));
  add_shared_expert(spec, {.n_ff = shared.value_or(0) > 0 ? *shared : n_ff});
  return spec;
}

}  // namespace hearth::families
