// LFM2, dense and with experts: short convolutions, and attention in some layers. Liquid AI 2025.
#include "engine/model/families/experts.h"
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {
namespace {

/// Layers without heads of keys and values are convolutions.
Result<ModelSpec> read_lfm2(const Hyperparameters& keys) {
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kHalves, Absent::kHeads));
  HEARTH_ASSIGN(const int32_t taps, keys.count("shortconv.l_cache", Convolution::kMostTaps));
  if (taps < 2) return keys.invalid("shortconv.l_cache", "must be above 1");
  for (LayerSpec& layer : spec.layers) {
    if (std::holds_alternative<std::monostate>(layer.mixer)) {
      layer.mixer = ShortConvolutionSpec{taps};
    } else {
      attention_of(layer).query_key_norm = layer.norm;
    }
  }
  spec.head.norm_name = "token_embd_norm";  // as the converter named it by mistake
  return spec;
}

}  // namespace

Result<ModelSpec> lfm2(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_lfm2(keys));
  HEARTH_ASSIGN(const auto window, keys.optional_count("attention.sliding_window", spec.context_length));
  for (LayerSpec& layer : spec.layers) {
    if (auto* attention = std::get_if<AttentionSpec>(&layer.mixer)) attention->window = window.value_or(0);
  }
  return spec;
}

Result<ModelSpec> lfm2moe(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_lfm2(keys));
  HEARTH_TRY(read_experts(keys, {}, spec));
  return spec;
}

}  // namespace hearth::families
