// ModernBERT: norms before each block and behind the last, gated networks, and two layers that slide, with a
// rope of their own, between those that see everything. Warner et al. 2024.
#include "engine/model/families/bert.h"
#include "engine/model/families/family.h"

namespace hearth::families {

Result<ModelSpec> modern_bert(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_encoder(keys));
  HEARTH_ASSIGN(const auto window, keys.optional_count("attention.sliding_window", INT32_MAX));
  HEARTH_ASSIGN(const auto period, keys.optional_count("attention.sliding_window_pattern", INT32_MAX));
  HEARTH_ASSIGN(const auto sliding_base, keys.number("rope.freq_base_swa"));
  HEARTH_ASSIGN(const auto activation, keys.string("hidden_activation"));
  const auto full_every = static_cast<size_t>(period.value_or(3));
  spec.embedding.token_types = 0;
  spec.classifier.bend = ClassifierSpec::Bend::kGelu;
  spec.rank_pooling = Pooling::kMean;
  for (size_t index = 0; index < spec.layers.size(); ++index) {
    LayerSpec& layer = spec.layers[index];
    layer.norms_sums = false;
    if (index == 0) layer.norms.mixer = {};
    layer.feed_forward = GatedSpec{std::get<PlainSpec>(layer.feed_forward).n_ff,
                                   activation == "silu" ? Activation::kSilu : Activation::kGeluTanh};
    if (full_every > 0 && index % full_every == 0) continue;
    AttentionSpec& attention = attention_of(layer);
    attention.window = window.value_or(0);
    if (attention.window > 0) attention.rope.theta_base = sliding_base.value_or(10000.0F);
  }
  return spec;
}

}  // namespace hearth::families
