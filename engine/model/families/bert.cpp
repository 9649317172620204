// BERT (Devlin et al. 2019): every position has a vector of its own, which is added to the token's. MiniLM,
// BGE, E5, GTE; with a tokenizer of SentencePiece's XLM-RoBERTa (Conneau et al. 2020) and what is made of it.
#include "engine/model/families/bert.h"

#include <fmt/format.h>

#include "engine/model/families/family.h"

namespace hearth::families {
namespace {

/// Not a key of the architecture, as it stands.
Result<int32_t> read_token_types(const Gguf& gguf) {
  constexpr std::string_view kKey = "tokenizer.ggml.token_type_count";
  constexpr uint64_t kMost = 65536;
  HEARTH_ASSIGN(const auto count, gguf.integer(kKey));
  if (count.value_or(0) <= kMost) return static_cast<int32_t>(count.value_or(0));
  return Error{ErrorCode::kInvalidModel, fmt::format("{}: key '{}': {} is above the limit of {}",
                                                     gguf.source().name(), kKey, *count, kMost)};
}

}  // namespace

Result<ModelSpec> read_encoder(const Hyperparameters& keys) {
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kLayer, RopePairs::kHalves));
  spec.network = make_encoder;
  spec.embedding.norm = spec.head.norm;
  HEARTH_ASSIGN(spec.embedding.token_types, read_token_types(keys.gguf()));
  spec.classifier.norm = spec.head.norm;
  for (LayerSpec& layer : spec.layers) {
    layer.norms_sums = true;
    layer.feed_forward = PlainSpec{std::get<GatedSpec>(layer.feed_forward).n_ff, Activation::kGeluTanh};
    attention_of(layer).causal = false;
  }
  return spec;
}

Result<ModelSpec> bert(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_encoder(keys));
  spec.embedding.positions = spec.context_length;
  for (LayerSpec& layer : spec.layers) attention_of(layer).rope = {.dimensions = 0};
  return spec;
}

}  // namespace hearth::families
