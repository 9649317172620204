// DeepSeek MoE: the first layers dense, then many small experts beside shared ones (Dai et al. 2024); and
// what shares that shape: dots.llm1 (Huo et al. 2025), Ling (Ling Team 2025) and Ling 2, ERNIE 4.5 (Baidu
// 2025).
#include "engine/model/families/experts.h"
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"
#include "engine/model/families/nextn.h"

namespace hearth::families {
namespace {

/// Experts whose weights are not normalised where the file says nothing, and as many shared ones of their
/// width as it says, as one.
Result<void> read_small_experts(const Hyperparameters& keys, const ExpertFamily& family, ModelSpec& spec) {
  HEARTH_ASSIGN(const auto n_ff, keys.count("expert_feed_forward_length", kMaxWidth));
  HEARTH_ASSIGN(const auto shared, keys.count("expert_shared_count", kMaxExperts));
  HEARTH_TRY(read_experts(keys, family, spec));
  HEARTH_ASSIGN(const int64_t width, shared_width(keys, n_ff, shared));
  add_shared_expert(spec, {.n_ff = width});
  return {};
}

ExpertFamily unnormalised() {
  ExpertFamily family;
  family.defaults.normalize_weights = false;
  return family;
}

}  // namespace

Result<ModelSpec> deepseek(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kAdjacent));
  HEARTH_TRY(read_small_experts(keys, unnormalised(), spec));
  return spec;
}

Result<ModelSpec> bailingmoe(const Gguf& gguf) { return deepseek(gguf); }

Result<ModelSpec> dots1(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kHalves));
  normalise_heads(spec);
  HEARTH_TRY(read_small_experts(keys, unnormalised(), spec));
  return spec;
}

// Here shared experts may be of a width of their own.
Result<ModelSpec> bailingmoe2(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kHalves));
  HEARTH_TRY(leave_out_nextn(keys, spec));
  normalise_heads(spec);
  HEARTH_ASSIGN(const auto n_ff, keys.count("expert_feed_forward_length", kMaxWidth));
  HEARTH_ASSIGN(const auto own, keys.optional_count("expert_shared_feed_forward_length", kMaxWidth));
  HEARTH_ASSIGN(const auto shared, keys.count("expert_shared_count", kMaxExperts));
  HEARTH_TRY(read_experts(keys, unnormalised(), spec));
  HEARTH_ASSIGN(const int64_t width, shared_width(keys, own.value_or(0) > 0 ? *own : n_ff, shared));
  add_shared_expert(spec, {.n_ff = width});
  return spec;
}

Result<ModelSpec> ernie4_5_moe(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kAdjacent));
  HEARTH_ASSIGN(const auto shared, keys.optional_count("expert_shared_feed_forward_length", kMaxWidth));
  HEARTH_TRY(read_experts(keys, {}, spec));
  add_shared_expert(spec, {.n_ff = shared.value_or(0)});
  return spec;
}

}  // namespace hearth::families
