// T5 and its heirs (Raffel et al. 2020; Flan-T5, UMT5, MADLAD-400), and their encoders alone: no positions
// but what scores gain by distance, RMS norms, scores that are not scaled.
#include <cmath>

#include "engine/model/encoder_decoder.h"
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {
namespace {

/// With the encoder's layers. The versions of T5 differ in whether there are gates, which the tensors tell.
Result<ModelSpec> read_t5_encoder(const Hyperparameters& keys) {
  constexpr std::string_view kBuckets = "attention.relative_buckets_count";
  constexpr int64_t kMostBuckets = 1024;
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kHalves));
  HEARTH_ASSIGN(const int32_t buckets, keys.count(kBuckets, kMostBuckets));
  if (buckets < 4) return keys.invalid(kBuckets, "must be 4 at least");
  spec.layer_prefix = "enc.";
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
    layer.has_output_scale = false;
  }
  return spec;
}

/// The token that an answer begins with, which the decoder is given first.
Result<int32_t> read_answer_start(const Hyperparameters& keys) {
  constexpr std::string_view kStart = "decoder_start_token_id";
  HEARTH_ASSIGN(const auto start, keys.optional_count(kStart, kMaxWidth));
  if (start) return *start;
  HEARTH_ASSIGN(const auto bos, keys.under("tokenizer.ggml").optional_count("bos_token_id", kMaxWidth));
  if (bos) return *bos;
  return keys.invalid(kStart, "is missing, and so is tokenizer.ggml.bos_token_id: no answer could begin");
}

/// Behind the encoder's, whose sizes they have.
void add_decoder_layers(int32_t count, ModelSpec& spec) {
  LayerSpec layer = spec.layers.front();
  AttentionSpec& attention = attention_of(layer);
  attention.causal = true;
  attention.part = SequencePart::kAnswer;
  attention.relative.gains = std::make_shared<std::vector<float>>();
  attention.relative.both_sides = false;
  for (int32_t index = 0; index < count; ++index) {
    attention.relative.is_first = index == 0;
    spec.layers.push_back(layer);
  }
}

}  // namespace

Result<ModelSpec> t5encoder(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_t5_encoder(keys));
  spec.network = make_encoder;
  spec.head.norm_name = "enc.output_norm";
  return spec;
}

Result<ModelSpec> t5(const Gguf& gguf) {
  constexpr std::string_view kDecoderLayers = "decoder_block_count";
  constexpr int64_t kMostLayers = 1024;
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_t5_encoder(keys));
  spec.network = make_encoder_decoder;
  spec.n_layer_encoder = spec.n_layer();
  HEARTH_ASSIGN(const auto decoder_layers, keys.optional_count(kDecoderLayers, kMostLayers));
  if (decoder_layers == 0) return keys.invalid(kDecoderLayers, "must be above 0");
  add_decoder_layers(decoder_layers.value_or(spec.n_layer()), spec);
  HEARTH_ASSIGN(spec.answer_start, read_answer_start(keys));
  spec.head.norm_name = "dec.output_norm";
  spec.head.tied_scale = 1.0F / std::sqrt(static_cast<float>(spec.n_embd()));
  return spec;
}

}  // namespace hearth::families
