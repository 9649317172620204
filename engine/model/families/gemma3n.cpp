// Gemma 3n: several residual streams (AltUp), learned residuals (LAuReL), vectors of each layer's own, sparse
// gates in the first layers, and keys and values that the last layers share. Google 2025, "Gemma 3n".
#include "engine/model/gemma3n.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "engine/model/families/family.h"
#include "engine/model/families/gemma_sharing.h"
#include "engine/model/families/hyperparameters.h"
#include "engine/model/families/sliding.h"

namespace hearth::families {
namespace {

constexpr std::string_view kSparsity = "activation_sparsity_scale";

/// How many deviations above the mean a gate must be in each layer; -infinity where all gates open.
Result<std::vector<float>> read_sparsity(const Hyperparameters& keys, size_t n_layer) {
  constexpr size_t kSparseLayers = 10;
  constexpr float kOf95Percent = 1.6448533535003662F;  // of a normal distribution are below
  std::vector<float> deviations(n_layer, -std::numeric_limits<float>::infinity());
  HEARTH_ASSIGN(const auto given, keys.gguf().array(keys.full_key(kSparsity)));
  if (!given) {
    std::fill_n(deviations.begin(), std::min(kSparseLayers, n_layer), kOf95Percent);
    return deviations;
  }
  if (given->type == GgufType::kString || given->count != n_layer) {
    return keys.invalid(kSparsity, "must be a number for each layer");
  }
  deviations = given->numbers<float>();
  const auto is_no_number = [](float value) { return std::isnan(value); };
  if (std::ranges::any_of(deviations, is_no_number)) return keys.invalid(kSparsity, "has what is no number");
  return deviations;
}

Result<AltUpSpec> read_altup(const Hyperparameters& keys, const NormSpec& norm) {
  constexpr int32_t kMostStreams = 16;
  HEARTH_ASSIGN(const auto streams, keys.optional_count("altup.num_inputs", kMostStreams));
  HEARTH_ASSIGN(const auto active, keys.optional_count("altup.active_idx", kMostStreams));
  const AltUpSpec altup{streams.value_or(4), active.value_or(0), norm};
  if (altup.streams < 2) return keys.invalid("altup.num_inputs", "must be at least 2");
  if (altup.active >= altup.streams)
    return keys.invalid("altup.active_idx", "must be below altup.num_inputs");
  return altup;
}

}  // namespace

Result<ModelSpec> gemma3n(const Gguf& gguf) {
  HEARTH_ASSIGN(ModelSpec spec, gemma(gguf));
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  const size_t n_layer = spec.layers.size();
  HEARTH_ASSIGN(const auto window, keys.count("attention.sliding_window", INT32_MAX));
  HEARTH_ASSIGN(const auto sliding_base, keys.number("rope.freq_base_swa"));
  HEARTH_ASSIGN(const auto slides, read_sliding_layers(keys, n_layer, 5));
  HEARTH_ASSIGN(const auto width, keys.optional_count("embedding_length_per_layer_input", kMaxWidth));
  HEARTH_ASSIGN(const auto deviations, read_sparsity(keys, n_layer));
  HEARTH_ASSIGN(spec.head.soft_cap, read_soft_cap(keys, "final_logit_softcapping", 30.0F));
  const NormSpec norm = spec.head.norm;
  spec.network = make_gemma3n;
  spec.per_layer = {width.value_or(256), norm};
  if (spec.per_layer.width == 0) return keys.invalid("embedding_length_per_layer_input", "must be above 0");
  HEARTH_ASSIGN(spec.altup, read_altup(keys, norm));
  for (size_t index = 0; index < n_layer; ++index) {
    LayerSpec& layer = spec.layers[index];
    AttentionSpec& attention = attention_of(layer);
    attention.scale = 1.0F;
    attention.query_key_norm = norm;
    attention.value_norm = norm;
    if (std::isfinite(deviations[index])) {
      layer.feed_forward = SparseGatedSpec{std::get<GatedSpec>(layer.feed_forward).n_ff, deviations[index]};
    }
    if (!slides[index]) continue;
    attention.window = window;
    attention.rope.frequency_scale = 1.0F;
    attention.rope.theta_base = sliding_base.value_or(10000.0F);
  }
  constexpr int32_t kLayersWithOwn = 20;
  HEARTH_ASSIGN(const auto shared, keys.optional_count("attention.shared_kv_layers", spec.n_layer()));
  HEARTH_TRY(share_keys_and_values(keys, spec, shared ? spec.n_layer() - *shared : kLayersWithOwn));
  return spec;
}

}  // namespace hearth::families
