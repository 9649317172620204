// Arcee's Trinity: gates on what heads give, norms before and after each block, three layers of four slide
// and turn, and the fourth does neither; sigmoid routing with a bias beside shared experts. Arcee AI 2025.
#include <cmath>

#include "engine/model/families/experts.h"
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"
#include "engine/model/families/sliding.h"

namespace hearth::families {

Result<ModelSpec> afmoe(const Gguf& gguf) {
  constexpr size_t kPeriod = 4;
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kHalves));
  normalise_heads(spec);
  spec.embedding.scale = std::sqrt(static_cast<float>(spec.n_embd()));
  HEARTH_ASSIGN(const auto window, keys.optional_count("attention.sliding_window", INT32_MAX));
  HEARTH_ASSIGN(const auto slides, read_sliding_layers(keys, spec.layers.size(), kPeriod));
  for (size_t index = 0; index < spec.layers.size(); ++index) {
    LayerSpec& layer = spec.layers[index];
    layer.norms = kNormsBeforeAndAfter;
    AttentionSpec& attention = attention_of(layer);
    attention.gate = AttentionGate::kMatrix;
    if (window.value_or(0) > 0 && slides[index]) {
      attention.window = *window;
      HEARTH_ASSIGN(attention.rope, read_sliding_rope(keys, attention.rope));
    }
    if ((index + 1) % kPeriod == 0) attention.rope.dimensions = 0;
  }
  HEARTH_ASSIGN(const auto n_ff, keys.count("expert_feed_forward_length", kMaxWidth));
  HEARTH_ASSIGN(const auto shared, keys.count("expert_shared_count", kMaxExperts));
  ExpertFamily family;
  family.defaults.gating = ExpertGating::kSigmoid;
  family.defaults.normalize_weights = false;
  HEARTH_TRY(read_experts(keys, family, spec));
  HEARTH_ASSIGN(const int64_t width, shared_width(keys, n_ff, shared));
  add_shared_expert(spec, {.n_ff = width});
  return spec;
}

}  // namespace hearth::families
