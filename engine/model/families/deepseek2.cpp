// DeepSeek V2, V3, R1, and what has their shape: Kimi K2, GLM 4.7 Flash, GigaChat 3, Mistral Large 3; Mistral
// Small 4. DeepSeek-AI 2024 (V2 and V3).
#include "engine/model/families/deepseek.h"
#include "engine/model/families/experts.h"
#include "engine/model/families/family.h"
#include "engine/model/families/latent_attention.h"
#include "engine/model/families/nextn.h"

namespace hearth::families {
namespace {

/// GLM 4.7 Flash scores by sigmoids, and its first files do not say so: its layers and tokens tell it.
Result<bool> is_glm_flash(const Hyperparameters& keys, const ModelSpec& spec) {
  HEARTH_ASSIGN(const auto count, keys.optional_count("vocab_size", INT32_MAX));
  HEARTH_ASSIGN(const auto tokens, keys.gguf().array("tokenizer.ggml.tokens"));
  const uint64_t n_vocab = count ? static_cast<uint64_t>(*count) : tokens ? tokens->count : 0;
  return (spec.n_layer() == 47 || spec.n_layer() == 48) && n_vocab == 154880;
}

/// Mistral Large 3's.
Result<void> read_temperature(const Hyperparameters& keys, ModelSpec& spec) {
  HEARTH_ASSIGN(const auto scale, keys.number("attention.temperature_scale"));
  if (scale.value_or(0.0F) == 0.0F) return {};
  HEARTH_ASSIGN(const int32_t length, keys.count("attention.temperature_length", INT32_MAX));
  for (LayerSpec& layer : spec.layers) {
    std::get<LatentAttentionSpec>(layer.mixer).temperature = {*scale, 0.0F, length};
  }
  spec.applied_keys.emplace_back("attention.temperature_scale");
  return {};
}

}  // namespace

Result<ModelSpec> read_deepseek(const Hyperparameters& keys) {
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kAdjacent));
  HEARTH_TRY(leave_out_nextn(keys, spec));
  HEARTH_TRY(read_latent_attention(keys, spec));
  return spec;
}

Result<void> read_deepseek_experts(const Hyperparameters& keys, ExpertGating gating, ModelSpec& spec) {
  ExpertFamily family;
  family.defaults.gating = gating;
  family.defaults.normalize_weights = false;
  HEARTH_TRY(read_experts(keys, family, spec));
  for (const LayerSpec& layer : spec.layers) {
    const auto* const experts = std::get_if<ExpertsSpec>(&layer.feed_forward);
    if (experts == nullptr) continue;
    SharedExpertSpec shared;
    HEARTH_ASSIGN(shared.n_ff, read_shared_width(keys, experts->n_ff));
    add_shared_expert(spec, shared);
    break;
  }
  return {};
}

Result<ModelSpec> deepseek2(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_deepseek(keys));
  HEARTH_ASSIGN(const float multiplier, read_yarn_multiplier(keys));
  grow_with_context(multiplier, spec);
  HEARTH_TRY(read_temperature(keys, spec));
  HEARTH_ASSIGN(const bool by_sigmoids, is_glm_flash(keys, spec));
  HEARTH_TRY(
      read_deepseek_experts(keys, by_sigmoids ? ExpertGating::kSigmoid : ExpertGating::kSoftmax, spec));
  return spec;
}

/// The language model of DeepSeek OCR: the experts, and attention as others have it.
Result<ModelSpec> deepseek2_ocr(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kHalves));
  HEARTH_TRY(read_deepseek_experts(keys, ExpertGating::kSoftmax, spec));
  return spec;
}

Result<ModelSpec> mistral4(const Gguf& gguf) { return deepseek2(gguf); }

}  // namespace hearth::families
