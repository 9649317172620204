// The encoder of T5 and its heirs (Raffel et al. 2020; Flan-T5, UMT5): no positions but what scores gain by
// distance, RMS norms, scores that are not scaled.
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {

Result<ModelSpec> t5encoder(const Gguf& gguf) {
  constexpr std::string_view kBuckets = "attention.relative_buckets_count";
  constexpr int64_t kMostBuckets = 1024;
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kHalves));
  HEARTH_ASSIGN(const int32_t buckets, keys.count(kBuckets, kMostBuckets));
  if (buckets < 4) return keys.invalid(kBuckets, "must be 4 at least");
  spec.network = make_encoder;
  spec.layer_prefix = "enc.";
  spec.head.norm_name = "enc.output_norm";
  const auto gains = std::make_shared<std::vector<float>>();
  for (LayerSpec& layer : spec.layers) {
    AttentionSpec& attention = attention_of(layer);
    attention.rope = {.dimensions = 0};
    attention.causal = false;
    attention.scale = 1.0F;
    attention.output_name = "attn_o";
    attention.relative = {buckets, &layer == &spec.layers.front(), gains};
    const int64_t n_ff = std::get<GatedSpec>(layer.feed_forward).n_ff;
    layer.feed_forward = GatedOrPlainSpec{{n_ff, Activation::kGeluTanh}, {n_ff, Activation::kRelu}};
  }
  return spec;
}

}  // namespace hearth::families
