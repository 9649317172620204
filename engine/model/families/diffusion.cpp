// Models that write by diffusion: decoders' layers that see both ways and tell what stands under masks (Nie
// et al. 2025, LLaDA; Ye et al. 2025, Dream). How they write by what they tell: engine/runtime/canvas.h.
#include "engine/model/families/experts.h"
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"

namespace hearth::families {
namespace {

/// The layers see both ways. `published` is what the authors' code writes with; whether logits tell of the
/// next position is in the file, where it says so.
Result<void> write_by_diffusion(const Gguf& gguf, DiffusionSpec published, ModelSpec& spec) {
  constexpr std::string_view kShiftLogits = "diffusion.shift_logits";  // without the architecture before it
  HEARTH_ASSIGN(const auto shift_logits, gguf.boolean(kShiftLogits));
  published.shift_logits = shift_logits.value_or(published.shift_logits);
  spec.diffusion = published;
  for (LayerSpec& layer : spec.layers) attention_of(layer).causal = false;
  return {};
}

// Of LLaDA's generate.py.
constexpr DiffusionSpec kLlada{.shift_logits = false, .block_length = 32, .reveal = Reveal::kConfidence};

}  // namespace

Result<ModelSpec> llada(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kAdjacent));
  HEARTH_TRY(write_by_diffusion(gguf, kLlada, spec));
  return spec;
}

// Zhu et al. 2025: every head of q and k is normalised, experts' probabilities are left as they are.
Result<ModelSpec> llada_moe(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kHalves));
  normalise_heads(spec);
  ExpertFamily family;
  family.defaults.normalize_weights = false;
  family.divides_width = true;
  HEARTH_TRY(read_experts(keys, family, spec));
  HEARTH_TRY(write_by_diffusion(gguf, kLlada, spec));
  return spec;
}

// Qwen 2.5's layers, trained on: a row still tells of the next position.
Result<ModelSpec> dream(const Gguf& gguf) {
  HEARTH_ASSIGN(ModelSpec spec, qwen2(gguf));
  HEARTH_TRY(write_by_diffusion(
      gguf, {.shift_logits = true, .reveal = Reveal::kEntropy, .temperature = 0.2F, .top_p = 0.95F}, spec));
  return spec;
}

// Chandrasegaran et al. 2025: Qwen 3's layers with experts, trained on.
Result<ModelSpec> rnd1(const Gguf& gguf) {
  HEARTH_ASSIGN(ModelSpec spec, qwen3moe(gguf));
  HEARTH_TRY(write_by_diffusion(gguf, {.shift_logits = true, .reveal = Reveal::kEntropy, .temperature = 0.1F},
                                spec));
  return spec;
}

}  // namespace hearth::families
