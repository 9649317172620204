#include "engine/model/families/hyperparameters.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace hearth::families {
namespace {

// Far above any model there is, and low enough that products of two fit in 64 bits.
constexpr int64_t kMaxWidth = int64_t{1} << 24;
constexpr int64_t kMaxLayers = 4096;
constexpr int64_t kMaxHeads = 65536;
constexpr int64_t kMaxContext = int64_t{1} << 30;
constexpr int64_t kMaxExperts = 65536;

Result<RopeSpec> read_rope(const Hyperparameters& keys, RopePairs pairs, int32_t key_dimension,
                           int32_t context_length) {
  RopeSpec rope;
  rope.pairs = pairs;
  HEARTH_ASSIGN(const auto dimensions, keys.optional_count("rope.dimension_count", kMaxWidth));
  rope.dimensions = dimensions.value_or(key_dimension);
  if (rope.dimensions > key_dimension || rope.dimensions % 2 != 0) {
    return keys.invalid(
        "rope.dimension_count",
        fmt::format("{} must be even and at most the head's {} dimensions", rope.dimensions, key_dimension));
  }
  HEARTH_ASSIGN(const auto theta_base, keys.number("rope.freq_base"));
  rope.theta_base = theta_base.value_or(10000.0F);
  if (rope.theta_base <= 1.0F) return keys.invalid("rope.freq_base", "must be above 1");

  HEARTH_ASSIGN(const auto original_context,
                keys.optional_count("rope.scaling.original_context_length", kMaxContext));
  rope.original_context = original_context.value_or(context_length);
  HEARTH_ASSIGN(const auto attention_factor, keys.number("rope.scaling.attn_factor"));
  rope.attention_factor = attention_factor.value_or(1.0F);
  HEARTH_ASSIGN(const auto beta_fast, keys.number("rope.scaling.yarn_beta_fast"));
  rope.yarn_beta_fast = beta_fast.value_or(rope.yarn_beta_fast);
  HEARTH_ASSIGN(const auto beta_slow, keys.number("rope.scaling.yarn_beta_slow"));
  rope.yarn_beta_slow = beta_slow.value_or(rope.yarn_beta_slow);
  if (rope.yarn_beta_fast <= 0.0F || rope.yarn_beta_slow <= 0.0F) {
    return keys.invalid("rope.scaling.yarn_beta_fast", "and yarn_beta_slow must be above 0");
  }

  HEARTH_ASSIGN(const auto kind, keys.string("rope.scaling.type"));
  HEARTH_ASSIGN(auto factor, keys.number("rope.scaling.factor"));
  if (!factor) {
    HEARTH_ASSIGN(factor, keys.number("rope.scale_linear"));  // what older files call it
  }
  const std::string_view scaling = kind.value_or("linear");
  if (scaling != "none" && scaling != "linear" && scaling != "yarn" && scaling != "longrope") {
    return Error{ErrorCode::kUnsupportedModel,
                 fmt::format("{}: {} is '{}'; Hearth knows none, linear, yarn and longrope",
                             keys.gguf().source().name(), keys.full_key("rope.scaling.type"), scaling)};
  }
  if (factor && *factor < 0.0F) return keys.invalid("rope.scaling.factor", "must not be negative");
  if (scaling != "none" && factor && *factor > 0.0F) rope.frequency_scale = 1.0F / *factor;
  rope.yarn = scaling == "yarn";
  if (rope.yarn && rope.original_context == 0) {
    return keys.invalid("rope.scaling.original_context_length", "must be above 0 for yarn");
  }
  return rope;
}

Result<void> read_attention_scale(const Hyperparameters& keys, ModelSpec& spec) {
  HEARTH_ASSIGN(const auto scale, keys.number("attention.scale"));
  if (scale && *scale < 0.0F) return keys.invalid("attention.scale", "must not be negative");
  spec.attention_scale = 1.0F / std::sqrt(static_cast<float>(spec.key_dimension));
  if (scale && *scale > 0.0F) spec.attention_scale = *scale;  // 0 stands for none
  return {};
}

Result<void> read_soft_caps(const Hyperparameters& keys, ModelSpec& spec) {
  HEARTH_ASSIGN(const auto attention_cap, keys.number("attn_logit_softcapping"));
  HEARTH_ASSIGN(const auto final_cap, keys.number("final_logit_softcapping"));
  spec.attention_soft_cap = attention_cap.value_or(0.0F);
  spec.final_soft_cap = final_cap.value_or(0.0F);
  if (spec.attention_soft_cap < 0.0F) return keys.invalid("attn_logit_softcapping", "must not be negative");
  if (spec.final_soft_cap < 0.0F) return keys.invalid("final_logit_softcapping", "must not be negative");
  return {};
}

}  // namespace

Result<Hyperparameters> Hyperparameters::of(const Gguf& gguf) {
  HEARTH_ASSIGN(const std::string_view architecture, gguf.require_string("general.architecture"));
  Hyperparameters keys;
  keys.gguf_ = &gguf;
  keys.architecture_ = architecture;
  return keys;
}

Error Hyperparameters::invalid(std::string_view key, std::string_view reason) const {
  return {ErrorCode::kInvalidModel,
          fmt::format("{}: key '{}': {}", gguf_->source().name(), full_key(key), reason)};
}

Result<int32_t> Hyperparameters::count(std::string_view key, int64_t limit) const {
  HEARTH_ASSIGN(const auto value, optional_count(key, limit));
  if (!value) return invalid(key, "is missing");
  if (*value == 0) return invalid(key, "must be above 0");
  return *value;
}

Result<std::optional<int32_t>> Hyperparameters::optional_count(std::string_view key, int64_t limit) const {
  const std::string name = full_key(key);
  const GgufValue* entry = gguf_->find(name);
  if (entry == nullptr) return std::optional<int32_t>{};
  uint64_t value = 0;
  if (entry->type == GgufType::kArray) {
    HEARTH_ASSIGN(const auto array, gguf_->require_array(name));
    if (array.type == GgufType::kString || array.count == 0)
      return invalid(key, "must be a number or an array of numbers");
    const std::vector<int64_t> values = array.numbers<int64_t>();
    if (std::any_of(values.begin(), values.end(), [&](int64_t each) { return each != values.front(); })) {
      return Error{ErrorCode::kUnsupportedModel,
                   fmt::format("{}: key '{}': layers that differ in it are not supported",
                               gguf_->source().name(), name)};
    }
    if (values.front() < 0) return invalid(key, "must not be negative");
    value = static_cast<uint64_t>(values.front());
  } else {
    HEARTH_ASSIGN(value, gguf_->require_integer(name));
  }
  if (value > static_cast<uint64_t>(limit))
    return invalid(key, fmt::format("{} is above the limit of {}", value, limit));
  return std::optional<int32_t>(static_cast<int32_t>(value));
}

Result<std::optional<float>> Hyperparameters::number(std::string_view key) const {
  HEARTH_ASSIGN(const auto value, gguf_->number(full_key(key)));
  if (!value) return std::optional<float>{};
  if (!std::isfinite(*value)) return invalid(key, "must be finite");
  return std::optional<float>(static_cast<float>(*value));
}

Result<std::optional<bool>> Hyperparameters::flag(std::string_view key) const {
  return gguf_->boolean(full_key(key));
}

Result<std::optional<std::string_view>> Hyperparameters::string(std::string_view key) const {
  return gguf_->string(full_key(key));
}

Result<ModelSpec> read_common(const Hyperparameters& keys, std::string_view epsilon_key, RopePairs pairs) {
  ModelSpec spec;
  spec.architecture = keys.architecture();
  HEARTH_ASSIGN(spec.n_layer, keys.count("block_count", kMaxLayers));
  HEARTH_ASSIGN(spec.n_embd, keys.count("embedding_length", kMaxWidth));
  HEARTH_ASSIGN(spec.n_ff, keys.count("feed_forward_length", kMaxWidth));
  HEARTH_ASSIGN(spec.context_length, keys.count("context_length", kMaxContext));
  HEARTH_ASSIGN(spec.n_head, keys.count("attention.head_count", kMaxHeads));
  HEARTH_ASSIGN(const auto n_head_kv, keys.optional_count("attention.head_count_kv", kMaxHeads));
  spec.n_head_kv = n_head_kv.value_or(spec.n_head);
  if (spec.n_head_kv == 0 || spec.n_head % spec.n_head_kv != 0) {
    return keys.invalid("attention.head_count_kv",
                        fmt::format("{} must divide attention.head_count {}", spec.n_head_kv, spec.n_head));
  }
  HEARTH_ASSIGN(const auto key_length, keys.optional_count("attention.key_length", kMaxWidth));
  HEARTH_ASSIGN(const auto value_length, keys.optional_count("attention.value_length", kMaxWidth));
  if ((!key_length || !value_length) && spec.n_embd % spec.n_head != 0) {
    return keys.invalid("attention.head_count",
                        fmt::format("{} must divide embedding_length {}", spec.n_head, spec.n_embd));
  }
  const auto head_dimension = static_cast<int32_t>(spec.n_embd / spec.n_head);
  spec.key_dimension = key_length.value_or(head_dimension);
  spec.value_dimension = value_length.value_or(head_dimension);
  if (spec.key_dimension == 0) return keys.invalid("attention.key_length", "must be above 0");
  if (spec.value_dimension == 0) return keys.invalid("attention.value_length", "must be above 0");
  if (spec.query_width() > kMaxWidth || spec.attention_width() > kMaxWidth) {
    return keys.invalid("attention.head_count", "times the head dimension is above any model's width");
  }
  HEARTH_TRY(read_attention_scale(keys, spec));
  HEARTH_TRY(read_soft_caps(keys, spec));

  HEARTH_ASSIGN(const auto epsilon, keys.number(epsilon_key));
  if (!epsilon) return keys.invalid(epsilon_key, "is missing");
  if (*epsilon < 0.0F) return keys.invalid(epsilon_key, "must not be negative");
  spec.norm_epsilon = *epsilon;
  HEARTH_ASSIGN(spec.rope, read_rope(keys, pairs, spec.key_dimension, spec.context_length));
  return spec;
}

Result<void> read_experts(const Hyperparameters& keys, ModelSpec& spec) {
  HEARTH_ASSIGN(spec.experts.count, keys.count("expert_count", kMaxExperts));
  HEARTH_ASSIGN(spec.experts.used, keys.count("expert_used_count", spec.experts.count));
  HEARTH_ASSIGN(const auto n_ff, keys.optional_count("expert_feed_forward_length", kMaxWidth));
  spec.experts.n_ff = n_ff.value_or(static_cast<int32_t>(spec.n_ff));
  if (spec.experts.n_ff == 0) return keys.invalid("expert_feed_forward_length", "must be above 0");
  HEARTH_ASSIGN(const auto normalize, keys.flag("expert_weights_norm"));
  spec.experts.normalize_weights = normalize.value_or(true);
  spec.experts.activation = spec.activation;
  spec.feed_forward = FeedForward::kExperts;
  return {};
}

}  // namespace hearth::families
