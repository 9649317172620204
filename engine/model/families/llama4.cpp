// Llama 4: three layers of four see chunks, the fourth all, without positions but with a temperature that
// grows with them; the router's sigmoids weigh what goes into the experts, and one expert is shared. Meta
// 2025.
#include "engine/model/families/experts.h"
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"
#include "engine/model/families/sliding.h"

namespace hearth::families {
namespace {

constexpr int32_t kChunk = 8192;  // of all models, whatever their files say
constexpr int32_t kLayersPerTurn = 4;
constexpr int32_t kExpertsOfMaverick = 128;

/// Where heads turn they are normalised afterwards, without weights, but for Maverick's.
Result<void> read_llama4_attention(const Hyperparameters& keys, ModelSpec& spec) {
  HEARTH_ASSIGN(const auto window, keys.optional_count("attention.sliding_window", INT32_MAX));
  HEARTH_ASSIGN(const auto experts, keys.optional_count("expert_count", INT32_MAX));
  HEARTH_ASSIGN(const auto slides, read_sliding_layers(keys, spec.layers.size(), kLayersPerTurn));
  const bool has_chunks = window != 0;
  for (size_t index = 0; index < spec.layers.size(); ++index) {
    AttentionSpec& attention = attention_of(spec.layers[index]);
    if (has_chunks && slides[index]) {
      attention.chunk = kChunk;
      HEARTH_ASSIGN(attention.rope, read_sliding_rope(keys, attention.rope));
    }
    if (has_chunks && (index + 1) % kLayersPerTurn == 0) {
      attention.rope.dimensions = 0;
      attention.temperature = {.scale = 0.1F, .offset = 1.0F, .length = kChunk};
    } else if (experts != kExpertsOfMaverick) {
      attention.query_key_norm = spec.layers[index].norm;
      attention.query_key_norm->has_weights = false;
      attention.turns_before_norm = true;
    }
  }
  return {};
}

}  // namespace

Result<ModelSpec> llama4(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kAdjacent));
  HEARTH_TRY(read_llama4_attention(keys, spec));
  HEARTH_ASSIGN(const auto count, keys.optional_count("expert_count", INT32_MAX));
  if (count.value_or(0) == 0) return spec;  // MobileLLM
  HEARTH_ASSIGN(const auto n_ff, keys.count("expert_feed_forward_length", kMaxWidth));
  ExpertFamily family;
  family.defaults.gating = ExpertGating::kSigmoid;
  family.defaults.normalize_weights = false;
  family.defaults.weighs_inputs = true;
  HEARTH_TRY(read_experts(keys, family, spec));
  add_shared_expert(spec, {.n_ff = n_ff});
  return spec;
}

}  // namespace hearth::families
