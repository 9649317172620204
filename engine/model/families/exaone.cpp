// EXAONE 3 (LG AI Research 2024): Llama's shape with rope over halves. EXAONE 4 (2025): norms behind each
// part, none before, and of each head of q and k; in the large one three layers slide to each that sees
// everything, without positions.
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"
#include "engine/model/families/nextn.h"
#include "engine/model/families/sliding.h"

namespace hearth::families {
namespace {

/// Of the 32B, the only one that slides.
constexpr size_t kLayersThatSlide = 64;

}  // namespace

Result<ModelSpec> exaone(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  return read_common(keys, NormKind::kRms, RopePairs::kHalves);
}

Result<ModelSpec> exaone4(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kHalves));
  HEARTH_ASSIGN(const auto window, keys.optional_count("attention.sliding_window", INT32_MAX));
  HEARTH_ASSIGN(const auto slides, read_sliding_layers(keys, spec.layers.size(), 4));
  for (size_t index = 0; index < spec.layers.size(); ++index) {
    LayerSpec& layer = spec.layers[index];
    AttentionSpec& attention = attention_of(layer);
    layer.norms = kNormsAfter;
    attention.query_key_norm = layer.norm;
    if (spec.layers.size() != kLayersThatSlide) continue;
    if (slides[index]) {
      attention.window = window.value_or(4096);
    } else {
      attention.rope.dimensions = 0;
    }
  }
  HEARTH_TRY(leave_out_nextn(keys, spec));
  return spec;
}

}  // namespace hearth::families
