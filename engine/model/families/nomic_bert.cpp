// Nomic's BERT: rope in place of vectors for positions, a gated feed-forward network with SiLU (Nussbaum et
// al. 2024); with experts, which have no gates, every second layer of the plain kind (Nussbaum & Duderstadt
// 2025).
#include "engine/model/families/bert.h"
#include "engine/model/families/experts.h"
#include "engine/model/families/family.h"

namespace hearth::families {

Result<ModelSpec> nomic_bert(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_encoder(keys));
  for (LayerSpec& layer : spec.layers) {
    layer.feed_forward = GatedSpec{std::get<PlainSpec>(layer.feed_forward).n_ff, Activation::kSilu};
  }
  return spec;
}

Result<ModelSpec> nomic_bert_moe(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_encoder(keys));
  HEARTH_ASSIGN(const auto every, keys.optional_count("moe_every_n_layers", INT32_MAX));
  if (every.value_or(0) < 2) return keys.invalid("moe_every_n_layers", "must be above 1");
  ExpertsSpec defaults;
  defaults.gated = false;
  defaults.activation = Activation::kGeluTanh;
  defaults.normalize_weights = false;
  HEARTH_ASSIGN(const ExpertsSpec experts, read_experts_spec(keys, defaults));
  for (size_t index = 1; index < spec.layers.size(); index += static_cast<size_t>(*every)) {
    ExpertsSpec own = experts;
    own.n_ff = std::get<PlainSpec>(spec.layers[index].feed_forward).n_ff;
    spec.layers[index].feed_forward = own;
  }
  return spec;
}

}  // namespace hearth::families
