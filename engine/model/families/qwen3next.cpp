// Qwen 3 Next and Qwen 3.5, dense and with experts: gated delta nets, and in every fourth layer attention
// whose heads are opened by gates. Qwen Team 2025.
#include "engine/model/families/experts.h"
#include "engine/model/families/family.h"
#include "engine/model/families/hyperparameters.h"
#include "engine/model/families/nextn.h"
#include "engine/model/families/rope_sections.h"

namespace hearth::families {
namespace {

/// Far above any model there is, and low enough that the states of all layers fit in 64 bits.
constexpr int64_t kMaxStateSize = 65536;

Result<DeltaHeadsSpec> read_delta_heads(const Hyperparameters& keys) {
  DeltaHeadsSpec heads;
  HEARTH_ASSIGN(heads.n_head, keys.count("ssm.time_step_rank", kMaxWidth));
  HEARTH_ASSIGN(heads.n_head_key, keys.count("ssm.group_count", heads.n_head));
  HEARTH_ASSIGN(heads.key_dimension, keys.count("ssm.state_size", kMaxStateSize));
  HEARTH_ASSIGN(const int32_t width, keys.count("ssm.inner_size", kMaxWidth));
  HEARTH_ASSIGN(heads.taps, keys.count("ssm.conv_kernel", Convolution::kMostTaps));
  heads.value_dimension = heads.key_dimension;
  if (heads.taps < 2) return keys.invalid("ssm.conv_kernel", "must be above 1");
  if (heads.n_head % heads.n_head_key != 0) {
    return keys.invalid("ssm.group_count", "must divide ssm.time_step_rank");
  }
  if (heads.value_width() != width) {
    return keys.invalid("ssm.inner_size", "must be ssm.time_step_rank times ssm.state_size");
  }
  return heads;
}

/// Whether each layer is a delta net: as the file says, else all but every n-th.
Result<std::vector<int32_t>> read_recurrent_layers(const Hyperparameters& keys, size_t n_layer) {
  HEARTH_ASSIGN(auto recurrent, keys.counts("attention.recurrent_layers", n_layer, 1));
  if (!recurrent.empty()) return recurrent;
  HEARTH_ASSIGN(const auto interval, keys.optional_count("full_attention_interval", INT32_MAX));
  if (interval == 0) return keys.invalid("full_attention_interval", "must be above 0");
  for (size_t layer = 0; layer < n_layer; ++layer) {
    recurrent.push_back((layer + 1) % static_cast<size_t>(interval.value_or(4)) != 0 ? 1 : 0);
  }
  return recurrent;
}

Result<ModelSpec> read_hybrid(const Hyperparameters& keys, bool neighbours_share_keys) {
  HEARTH_ASSIGN(ModelSpec spec, read_common(keys, NormKind::kRms, RopePairs::kHalves));
  const bool has_sections = keys.architecture() != "qwen3next";
  if (has_sections) HEARTH_TRY(apply_rope_sections(keys, true, spec));
  HEARTH_ASSIGN(const auto recurrent, read_recurrent_layers(keys, spec.layers.size()));
  HEARTH_ASSIGN(DeltaHeadsSpec heads, read_delta_heads(keys));
  heads.epsilon = spec.head.norm.epsilon;
  heads.neighbours_share_keys = neighbours_share_keys;
  for (size_t i = 0; i < spec.layers.size(); ++i) {
    LayerSpec& layer = spec.layers[i];
    layer.norms.feed_forward = {"post_attention_norm"};
    if (recurrent[i] != 0) {
      layer.mixer = DeltaNetSpec{heads, layer.norm};
      continue;
    }
    AttentionSpec& attention = attention_of(layer);
    attention.query_key_norm = layer.norm;
    attention.gate = AttentionGate::kInQueries;
  }
  HEARTH_TRY(leave_out_nextn(keys, spec));
  return spec;
}

Result<void> add_experts(const Hyperparameters& keys, ModelSpec& spec) {
  const int64_t n_ff = gated_width(spec.layers.front());
  HEARTH_TRY(read_experts(keys, {.divides_width = true}, spec));
  HEARTH_ASSIGN(const auto shared, keys.optional_count("expert_shared_feed_forward_length", kMaxWidth));
  add_shared_expert(spec, {.n_ff = shared.value_or(0) > 0 ? *shared : n_ff, .has_gate = true});
  return {};
}

}  // namespace

Result<ModelSpec> qwen3next(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_hybrid(keys, true));
  HEARTH_TRY(add_experts(keys, spec));
  return spec;
}

Result<ModelSpec> qwen35(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  return read_hybrid(keys, false);
}

Result<ModelSpec> qwen35moe(const Gguf& gguf) {
  HEARTH_ASSIGN(const auto keys, Hyperparameters::of(gguf));
  HEARTH_ASSIGN(ModelSpec spec, read_hybrid(keys, false));
  HEARTH_TRY(add_experts(keys, spec));
  return spec;
}

}  // namespace hearth::families
