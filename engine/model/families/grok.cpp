// Grok 1 and 2: scores and logits scaled and capped, norms before and after each block, experts with GELU, in
// Grok 2 beside a network of the ordinary kind. xAI 2024.
#include "engine/model/families/experts.h"
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {
namespace {

/// What files of Grok 1 leave out.
struct GrokScales {
  float embedding = 78.38367176906169F;
  float logits = 0.5773502691896257F;
  float scores = 0.08838834764831845F;
  float score_cap = 30.0F;
  float yarn_beta_fast = 8.0F;
};

Result<GrokScales> read_grok_scales(const Hyperparameters& keys) {
  GrokScales scales;
  HEARTH_ASSIGN(const auto embedding, keys.number("embedding_scale"));
  HEARTH_ASSIGN(const auto logits, keys.number("logit_scale"));
  HEARTH_ASSIGN(const auto scores, keys.number("attention.output_scale"));
  HEARTH_ASSIGN(const auto score_cap, keys.number("attn_logit_softcapping"));
  HEARTH_ASSIGN(const auto beta, keys.number("rope.scaling.yarn_beta_fast"));
  if (score_cap && *score_cap <= 0.0F) return keys.invalid("attn_logit_softcapping", "must be above 0");
  return GrokScales{embedding.value_or(scales.embedding), logits.value_or(scales.logits),
                    scores.value_or(scales.scores), score_cap.value_or(scales.score_cap),
                    beta.value_or(scales.yarn_beta_fast)};
}

}  // namespace

Result<ModelSpec> grok(const Gguf& gguf) {
  constexpr float kHalfRoot2 = 0.70710678F;
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kHalves));
  HEARTH_ASSIGN(spec.head.soft_cap, read_soft_cap(keys, "final_logit_softcapping", 0.0F));
  HEARTH_ASSIGN(const GrokScales scales, read_grok_scales(keys));
  spec.embedding.scale = scales.embedding;
  spec.head.logit_scale = scales.logits;
  for (LayerSpec& layer : spec.layers) {
    layer.norms.mixer_output = {"attn_output_norm"};
    layer.norms.feed_forward_output = {"layer_output_norm", "post_ffw_norm"};
    AttentionSpec& attention = attention_of(layer);
    attention.scale = scales.scores;
    attention.soft_cap = scales.score_cap;
    attention.rope.yarn_beta_fast = scales.yarn_beta_fast;
  }
  spec.applied_keys = {"attention.output_scale"};
  const int64_t n_ff = gated_width(spec.layers.front());
  ExpertFamily family;
  family.defaults.activation = Activation::kGeluTanh;
  family.defaults.shared = SharedExpertSpec{.n_ff = n_ff,
                                            .suffix = {},
                                            .activation = Activation::kGeluTanh,
                                            .sum_scale = kHalfRoot2,
                                            .is_optional = true};
  HEARTH_TRY(read_experts(keys, family, spec));
  return spec;
}

}  // namespace hearth::families
