// GLM 4.5 to 4.7: the first layers dense, sigmoid routing with a bias, shared experts; layers behind the last
// guess tokens further on. GLM-4.5 Team 2025.
#include "engine/model/families/experts.h"
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"
#include "engine/model/families/nextn.h"
#include "engine/model/families/rope_sections.h"

namespace hearth::families {

Result<ModelSpec> glm4moe(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kHalves));
  HEARTH_TRY(apply_rope_sections(keys, false, spec));
  HEARTH_TRY(leave_out_nextn(keys, spec));
  normalise_heads(spec);
  for (LayerSpec& layer : spec.layers) {
    layer.norms.feed_forward = {"post_attention_norm"};
    attention_of(layer).query_key_norm_is_optional = true;
  }
  HEARTH_ASSIGN(const auto n_ff, keys.count("expert_feed_forward_length", kMaxWidth));
  HEARTH_ASSIGN(const auto shared, keys.optional_count("expert_shared_count", kMaxExperts));
  ExpertFamily family;
  family.defaults.gating = ExpertGating::kSigmoid;
  family.defaults.normalize_weights = false;
  HEARTH_TRY(read_experts(keys, family, spec));
  HEARTH_ASSIGN(const int64_t width, shared_width(keys, n_ff, shared.value_or(0)));
  add_shared_expert(spec, {.n_ff = width});
  return spec;
}

}  // namespace hearth::families
