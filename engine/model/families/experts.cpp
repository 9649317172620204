#include "engine/model/families/experts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <string_view>
#include <variant>
#include <vector>

namespace hearth::families {
namespace {

/// What an architecture has whatever its files say: writers give the keys to many that have no use for them.
struct Fixed {
  std::string_view architecture;
  bool gating = true;
  bool all_layers = true;  // have experts
};
// clang-format off
constexpr Fixed kFixed[] = {
    {"arctic"}, {"bailingmoe"}, {"dbrx"}, {"gemma4"}, {"gpt-oss"}, {"granite"}, {"granitehybrid"},
    {"granitemoe"}, {"grok"}, {"grovemoe"}, {"hunyuan-moe"}, {"jamba"}, {"llama"}, {"llama-embed"},
    {"llama4"}, {"mellum"}, {"mimo2"}, {"minicpm"}, {"mistral3"}, {"nemotron_h_moe"}, {"nomic-bert-moe"},
    {"olmoe"}, {"qwen2moe"}, {"qwen35moe"}, {"qwen3moe"}, {"qwen3next"}, {"qwen3vlmoe"},
    {.architecture = "deepseek", .all_layers = false},
    {.architecture = "ernie4_5-moe", .all_layers = false},
    {.architecture = "minimax-m2", .gating = false},
    {.architecture = "smallthinker", .gating = false},
};
// clang-format on

Fixed fixed_of(const Hyperparameters& keys) {
  const auto* const fixed = std::ranges::find(kFixed, keys.architecture(), &Fixed::architecture);
  return fixed == std::end(kFixed) ? Fixed{{}, false, false} : *fixed;
}

/// As the format numbers it; 0 leaves it to the family.
Result<ExpertGating> read_gating(const Hyperparameters& keys, ExpertGating otherwise) {
  constexpr std::array kGatings{ExpertGating::kSoftmax, ExpertGating::kSigmoid,
                                ExpertGating::kSoftmaxOfChosen};
  HEARTH_ASSIGN(const auto number, keys.optional_count("expert_gating_func", INT32_MAX));
  if (number.value_or(0) == 0) return otherwise;
  if (static_cast<size_t>(*number) <= kGatings.size()) return kGatings[static_cast<size_t>(*number) - 1];
  return Error{ErrorCode::kUnsupportedModel,
               fmt::format("{}: key '{}' is {}; Hearth knows 1 (softmax), 2 (sigmoid) and 3 (softmax of the "
                           "chosen)",
                           keys.gguf().source().name(), keys.full_key("expert_gating_func"), *number)};
}

Result<void> read_groups(const Hyperparameters& keys, ExpertsSpec& experts) {
  HEARTH_ASSIGN(const auto groups, keys.optional_count("expert_group_count", experts.count));
  if (groups.value_or(0) <= 1) return {};
  if (experts.count % *groups != 0) {
    return keys.invalid("expert_group_count",
                        fmt::format("{} must divide expert_count {}", *groups, experts.count));
  }
  experts.groups = *groups;
  HEARTH_ASSIGN(experts.groups_used, keys.count("expert_group_used_count", *groups));
  const int64_t eligible = int64_t{experts.count / experts.groups} * experts.groups_used;
  if (experts.used <= eligible) return {};
  return keys.invalid("expert_group_used_count", fmt::format("{} groups have {} experts; each row uses {}",
                                                             experts.groups_used, eligible, experts.used));
}

/// Whether each layer's network stays as it is.
Result<std::vector<bool>> read_dense_layers(const Hyperparameters& keys, size_t n_layer) {
  std::vector<bool> dense(n_layer, false);
  if (!fixed_of(keys).all_layers) {
    HEARTH_ASSIGN(const auto leading, keys.optional_count("leading_dense_block_count", INT32_MAX));
    for (size_t index = 0; index < n_layer; ++index) {
      dense[index] = index < static_cast<size_t>(leading.value_or(0));
    }
  }
  if (keys.architecture() == "llama4" || keys.architecture() == "ernie4_5-moe") {
    HEARTH_ASSIGN(const auto step, keys.optional_count("interleave_moe_layer_step", INT32_MAX));
    const auto every = static_cast<size_t>(step.value_or(1));
    if (every == 0) return keys.invalid("interleave_moe_layer_step", "must be above 0");
    for (size_t index = 0; index < n_layer; ++index) {
      if ((index + 1) % every != 0) dense[index] = true;
    }
  }
  return dense;
}

}  // namespace

Result<ExpertsSpec> read_experts_spec(const Hyperparameters& keys, const ExpertsSpec& defaults) {
  ExpertsSpec experts = defaults;
  HEARTH_ASSIGN(experts.count, keys.count("expert_count", kMaxExperts));
  HEARTH_ASSIGN(experts.used, keys.count("expert_used_count", experts.count));
  if (!fixed_of(keys).gating) {
    HEARTH_ASSIGN(experts.gating, read_gating(keys, defaults.gating));
  }
  HEARTH_TRY(read_groups(keys, experts));
  HEARTH_ASSIGN(const auto n_ff, keys.optional_count("expert_feed_forward_length", kMaxWidth));
  if (n_ff.value_or(0) > 0) experts.n_ff = *n_ff;
  // No file has a say in whether those are normalised whose family's always are.
  HEARTH_ASSIGN(const auto normalize, keys.flag("expert_weights_norm"));
  experts.normalize_weights = defaults.normalize_weights || normalize.value_or(false);
  HEARTH_ASSIGN(const auto scale, keys.number("expert_weights_scale"));
  if (scale.value_or(0.0F) != 0.0F) experts.weight_scale = *scale;
  return experts;
}

Result<void> read_experts(const Hyperparameters& keys, const ExpertFamily& family, ModelSpec& spec) {
  HEARTH_ASSIGN(const ExpertsSpec experts, read_experts_spec(keys, family.defaults));
  HEARTH_ASSIGN(const auto dense, read_dense_layers(keys, spec.layers.size()));
  for (size_t index = 0; index < spec.layers.size(); ++index) {
    if (dense[index] && !family.goes_by_routers) continue;
    const int64_t n_ff = gated_width(spec.layers[index]);
    ExpertsSpec own = experts;
    const auto* const gated = std::get_if<GatedSpec>(&spec.layers[index].feed_forward);
    if (family.goes_by_routers && gated != nullptr) own.otherwise = *gated;
    if (family.is_as_wide_as_network) own.n_ff = n_ff;
    if (own.n_ff == 0) own.n_ff = family.divides_width ? n_ff / own.used : n_ff;
    if (own.n_ff == 0) return keys.invalid("feed_forward_length", "is less than one for each expert used");
    spec.layers[index].feed_forward = own;
  }
  return {};
}

Result<int64_t> shared_width(const Hyperparameters& keys, int64_t n_ff, int32_t count) {
  if (n_ff * count <= kMaxWidth) return n_ff * count;
  return keys.invalid("expert_shared_count",
                      fmt::format("{} times {} is above any model's width", count, n_ff));
}

Result<int64_t> read_shared_width(const Hyperparameters& keys, int64_t n_ff) {
  HEARTH_ASSIGN(const auto own, keys.optional_count("expert_shared_feed_forward_length", kMaxWidth));
  HEARTH_ASSIGN(const auto count, keys.optional_count("expert_shared_count", kMaxExperts));
  if (own.value_or(0) > 0) return *own;
  return shared_width(keys, n_ff, count.value_or(1));
}

void add_shared_expert(ModelSpec& spec, const SharedExpertSpec& shared) {
  if (shared.n_ff == 0) return;
  for (LayerSpec& layer : spec.layers) {
    if (auto* const experts = std::get_if<ExpertsSpec>(&layer.feed_forward)) experts->shared = shared;
  }
}

void normalise_heads(ModelSpec& spec, HeadNorm by) {
  for (LayerSpec& layer : spec.layers) {
    AttentionSpec& attention = attention_of(layer);
    attention.query_key_norm = layer.norm;
    attention.head_norm = by;
  }
}

int64_t gated_width(const LayerSpec& layer) {
  const auto* const gated = std::get_if<GatedSpec>(&layer.feed_forward);
  return gated == nullptr ? 0 : gated->n_ff;
}

}  // namespace hearth::families
