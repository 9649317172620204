// SmallThinker: the router reads what enters the layer, so that experts can be fetched during attention; one
// layer of four sees all and does not turn. Song et al. 2025.
#include "engine/model/families/experts.h"
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"
#include "engine/model/families/sliding.h"

namespace hearth::families {

Result<ModelSpec> smallthinker(const Gguf& gguf) {
  constexpr int32_t kWindow = 4096;  // of all models that slide, whatever their files say
  constexpr size_t kPeriod = 4;
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kHalves));
  HEARTH_ASSIGN(const auto window, keys.optional_count("attention.sliding_window", INT32_MAX));
  if (window.value_or(0) > 0) {
    HEARTH_ASSIGN(const auto slides,
                  read_sliding_layers(keys, spec.layers.size(), kPeriod, FullLayer::kFirst));
    for (size_t index = 0; index < spec.layers.size(); ++index) {
      AttentionSpec& attention = attention_of(spec.layers[index]);
      if (slides[index]) {
        attention.window = kWindow;
        HEARTH_ASSIGN(attention.rope, read_sliding_rope(keys, attention.rope));
      }
      if (index % kPeriod == 0) attention.rope.dimensions = 0;
    }
  }
  ExpertFamily family;
  family.defaults.activation = Activation::kRelu;
  family.defaults.routes_ahead = true;
  HEARTH_TRY(read_experts(keys, family, spec));
  return spec;
}

}  // namespace hearth::families
