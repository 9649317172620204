// Apertus (Swiss AI Initiative 2025): norms of each head of q and k, and a plain feed-forward network whose
// activation, xIELU (Huang & Schlag 2024), has learnt parameters in every layer.
#include <array>
#include <cmath>

#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {

namespace {

float softplus(float x) { return x > 20.0F ? x : std::log1p(std::exp(x)); }

/// Of every layer. Its keys begin with its own name. What they call the alphas is what they were learnt as,
/// from which they come above 0, and the one for numbers below 0 above beta.
Result<std::vector<Activation>> read_xielu(const Hyperparameters& keys, size_t n_layer) {
  constexpr std::array<std::string_view, 4> kNames{"alpha_n", "alpha_p", "beta", "eps"};
  const Hyperparameters own = keys.under("xielu");
  std::array<std::vector<float>, kNames.size()> values;
  for (size_t i = 0; i < kNames.size(); ++i) {
    HEARTH_ASSIGN(values[i], own.numbers(kNames[i], n_layer));
    if (values[i].empty()) return own.invalid(kNames[i], "is missing");
  }
  std::vector<Activation> activations;
  activations.reserve(n_layer);
  for (size_t layer = 0; layer < n_layer; ++layer) {
    const float beta = values[2][layer];
    activations.push_back({.kind = Activation::Kind::kXielu,
                           .xielu = {.alpha_n = beta + softplus(values[0][layer]),
                                     .alpha_p = softplus(values[1][layer]),
                                     .beta = beta,
                                     .epsilon = values[3][layer]}});
  }
  return activations;
}

}  // namespace

Result<ModelSpec> apertus(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kHalves));
  HEARTH_ASSIGN(const auto activations, read_xielu(keys, spec.layers.size()));
  for (size_t index = 0; index < spec.layers.size(); ++index) {
    LayerSpec& layer = spec.layers[index];
    attention_of(layer).query_key_norm = layer.norm;
    layer.feed_forward = PlainSpec{std::get<GatedSpec>(layer.feed_forward).n_ff, activations[index]};
  }
  return spec;
}

}  // namespace hearth::families
