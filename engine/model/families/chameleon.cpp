// Chameleon: Llama's shape, each head of q and k through a layer norm of its own; in the large one norms
// stand behind each part (Chameleon Team 2024). Of texts: tokens of images are never said. llama.cpp has that
// one's feed-forward networks read what attention gave alone; its authors' read the stream with it, as here.
#include "engine/model/families/experts.h"
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {

Result<ModelSpec> chameleon(const Gguf& gguf) {
  // Its vocabulary has those of images at one place, and no key says where.
  constexpr TokenRange kOfImages{.first = 4, .count = 8192};
  constexpr LayerNorms kBehind{
      .mixer = {}, .feed_forward = {}, .mixer_output = {"attn_norm"}, .feed_forward_output = {"ffn_norm"}};
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kAdjacent));
  HEARTH_ASSIGN(const auto are_behind, keys.flag("swin_norm"));
  spec.head.unsaid = kOfImages;
  for (LayerSpec& layer : spec.layers) {
    AttentionSpec& attention = attention_of(layer);
    attention.query_key_norm = NormSpec{NormKind::kLayer, 1e-5F};
    attention.head_norm = HeadNorm::kEachOwn;
    attention.rope.uses_factors = false;
    if (are_behind.value_or(false)) layer.norms = kBehind;
  }
  spec.applied_keys = {"swin_norm"};
  return spec;
}

}  // namespace hearth::families
