// Encoders in Llama's shape, which see both ways: EuroBERT (Boizard et al. 2025), NeoBERT (Le Breton et al.
// 2025), and Llamas that were trained further as encoders (Babakhin et al. 2025).
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {
namespace {

void see_both_ways(ModelSpec& spec) {
  for (LayerSpec& layer : spec.layers) attention_of(layer).causal = false;
}

Result<ModelSpec> read_llama_encoder(const Gguf& gguf, RopePairs pairs) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, pairs));
  spec.network = make_encoder;
  see_both_ways(spec);
  return spec;
}

}  // namespace

Result<ModelSpec> eurobert(const Gguf& gguf) { return read_llama_encoder(gguf, RopePairs::kHalves); }

Result<ModelSpec> neo_bert(const Gguf& gguf) {
  HEARTH_ASSIGN(ModelSpec spec, read_llama_encoder(gguf, RopePairs::kAdjacent));
  spec.head.norm_name = "enc.output_norm";
  return spec;
}

// The network stays a decoder's: files may have what only that has, an output and Llama 3's rope factors.
Result<ModelSpec> llama_embed(const Gguf& gguf) {
  HEARTH_ASSIGN(ModelSpec spec, llama(gguf));
  see_both_ways(spec);
  return spec;
}

}  // namespace hearth::families
