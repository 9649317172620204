// MiMo V2: layers that slide, with heads, sinks and a rope of their own; values of another size than keys;
// experts where the file has a router. Xiaomi 2025.
#include "engine/model/families/experts.h"
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"
#include "engine/model/families/nextn.h"
#include "engine/model/families/sliding.h"

namespace hearth::families {

Result<ModelSpec> mimo2(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kHalves));
  HEARTH_ASSIGN(const auto window, keys.count("attention.sliding_window", INT32_MAX));
  HEARTH_ASSIGN(const auto slides, read_sliding_layers(keys, spec.layers.size(), 1));
  HEARTH_ASSIGN(const auto value_scale, keys.number("attention.value_scale"));
  for (size_t index = 0; index < spec.layers.size(); ++index) {
    LayerSpec& layer = spec.layers[index];
    AttentionSpec& attention = attention_of(layer);
    attention.has_sinks = true;
    attention.sinks_are_optional = true;
    if (value_scale.value_or(0.0F) != 0.0F) layer.mixer_scale = *value_scale;
    if (!slides[index]) continue;
    attention.window = window;
    HEARTH_ASSIGN(attention.rope, read_own_sliding_rope(keys, attention.rope));
  }
  HEARTH_TRY(leave_out_nextn(keys, spec));
  ExpertFamily family;
  family.defaults.gating = ExpertGating::kSigmoid;
  family.goes_by_routers = true;
  HEARTH_TRY(read_experts(keys, family, spec));
  return spec;
}

}  // namespace hearth::families
