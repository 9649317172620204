#include "engine/model/families/hyperparameters.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace hearth::families {
namespace {

constexpr int64_t kMaxLayers = 4096;
constexpr int64_t kMaxHeads = 65536;
constexpr int64_t kMaxContext = int64_t{1} << 30;
constexpr uint64_t kMaxLabels = 65536;

/// Grok's files say how much of yarn's blend there is, and what the magnitude is without it. Below 0: as of
/// all others.
Result<void> read_yarn_extent(const Hyperparameters& keys, RopeSpec& rope) {
  HEARTH_ASSIGN(const auto extent, keys.number("rope.scaling.yarn_ext_factor"));
  HEARTH_ASSIGN(const auto magnitude, keys.number("rope.scaling.yarn_attn_factor"));
  if (extent.value_or(-1.0F) >= 0.0F) {
    rope.yarn = *extent > 0.0F;
    rope.yarn_extrapolation = *extent;
  }
  if (!rope.yarn && magnitude.value_or(-1.0F) >= 0.0F) rope.attention_factor *= *magnitude;
  return {};
}

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
  HEARTH_TRY(read_yarn_extent(keys, rope));
  if (rope.yarn && rope.original_context == 0) {
    return keys.invalid("rope.scaling.original_context_length", "must be above 0 for yarn");
  }
  return rope;
}

/// 1 / sqrt of the key's dimension, or what the file says; its 0 stands for none.
Result<float> read_attention_scale(const Hyperparameters& keys, int32_t key_dimension) {
  HEARTH_ASSIGN(const auto scale, keys.number("attention.scale"));
  if (scale && *scale < 0.0F) return keys.invalid("attention.scale", "must not be negative");
  if (scale && *scale > 0.0F) return *scale;
  return 1.0F / std::sqrt(static_cast<float>(key_dimension));
}

Result<NormSpec> read_norm(const Hyperparameters& keys, NormKind kind) {
  const std::string_view key =
      kind == NormKind::kRms ? "attention.layer_norm_rms_epsilon" : "attention.layer_norm_epsilon";
  HEARTH_ASSIGN(const auto epsilon, keys.number(key));
  if (!epsilon) return keys.invalid(key, "is missing");
  if (*epsilon < 0.0F) return keys.invalid(key, "must not be negative");
  return NormSpec{kind, *epsilon};
}

/// How large heads are that the file gives no size: the width has room for those of the first layer that has
/// any.
Result<int32_t> read_head_dimension(const Hyperparameters& keys, std::string_view key, int32_t n_embd,
                                    int32_t n_head) {
  HEARTH_ASSIGN(const auto length, keys.optional_count(key, kMaxWidth));
  if (!length && n_embd % n_head != 0) {
    return keys.invalid("attention.head_count",
                        fmt::format("{} must divide embedding_length {}", n_head, n_embd));
  }
  const int32_t dimension = length.value_or(n_embd / n_head);
  if (dimension == 0) return keys.invalid(key, "must be above 0");
  return dimension;
}

/// What all layers' attention has in common; nothing where no layer has heads.
Result<AttentionSpec> read_heads(const Hyperparameters& keys, int32_t n_embd, int32_t context_length,
                                 RopePairs pairs, const std::vector<int32_t>& n_head) {
  AttentionSpec attention;
  const auto first = std::ranges::find_if(n_head, [](int32_t count) { return count > 0; });
  if (first == n_head.end()) return attention;
  HEARTH_ASSIGN(attention.key_dimension, read_head_dimension(keys, "attention.key_length", n_embd, *first));
  HEARTH_ASSIGN(attention.value_dimension,
                read_head_dimension(keys, "attention.value_length", n_embd, *first));
  HEARTH_ASSIGN(attention.scale, read_attention_scale(keys, attention.key_dimension));
  HEARTH_ASSIGN(attention.rope, read_rope(keys, pairs, attention.key_dimension, context_length));
  return attention;
}

Result<std::vector<MixerSpec>> read_mixers(const Hyperparameters& keys, size_t n_layer, int32_t n_embd,
                                           int32_t context_length, RopePairs pairs, Absent absent) {
  HEARTH_ASSIGN(auto n_head, keys.counts("attention.head_count", n_layer, kMaxHeads));
  if (n_head.empty() && absent == Absent::kRefused) {
    return keys.invalid("attention.head_count", "is missing");
  }
  n_head.resize(n_layer);
  HEARTH_ASSIGN(auto n_head_kv, keys.counts("attention.head_count_kv", n_layer, kMaxHeads));
  if (n_head_kv.empty()) n_head_kv = n_head;
  HEARTH_ASSIGN(AttentionSpec attention, read_heads(keys, n_embd, context_length, pairs, n_head));
  std::vector<MixerSpec> mixers;
  for (size_t layer = 0; layer < n_layer; ++layer) {
    attention.n_head = n_head[layer];
    attention.n_head_kv = n_head_kv[layer];
    if (absent != Absent::kRefused && (attention.n_head == 0 || attention.n_head_kv == 0)) {
      mixers.emplace_back(std::monostate{});
      continue;
    }
    if (attention.n_head == 0) return keys.invalid("attention.head_count", "must be above 0");
    if (attention.n_head_kv == 0 || attention.n_head % attention.n_head_kv != 0) {
      return keys.invalid("attention.head_count_kv", fmt::format("{} must divide attention.head_count {}",
                                                                 attention.n_head_kv, attention.n_head));
    }
    if (attention.query_width() > kMaxWidth || attention.heads_width() > kMaxWidth) {
      return keys.invalid("attention.head_count", "times the head dimension is above any model's width");
    }
    mixers.emplace_back(attention);
  }
  return mixers;
}

/// As llama.cpp numbers it (enum llama_pooling_type): 0 is none and -1 unspecified, which say nothing here.
Result<void> read_pooling(const Hyperparameters& keys, ModelSpec& spec) {
  constexpr std::array kPoolings{Pooling::kMean, Pooling::kCls, Pooling::kLast, Pooling::kRank};
  HEARTH_ASSIGN(const auto number, keys.number("pooling_type"));
  const bool says_nothing = number.value_or(-1.0F) == -1.0F || *number == static_cast<float>(UINT32_MAX);
  if (!says_nothing) {
    HEARTH_ASSIGN(const auto pooling, keys.optional_count("pooling_type", kPoolings.size()));
    if (*pooling > 0) spec.pooling = kPoolings[static_cast<size_t>(*pooling) - 1];
  }
  HEARTH_ASSIGN(const auto labels, keys.gguf().array(keys.full_key("classifier.output_labels")));
  if (!labels || labels->count == 0) return {};
  if (labels->count > kMaxLabels) {
    return keys.invalid("classifier.output_labels",
                        fmt::format("has {} labels; at most {} are allowed", labels->count, kMaxLabels));
  }
  spec.classifier.labels = static_cast<int32_t>(labels->count);
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

Hyperparameters Hyperparameters::under(std::string_view name) const {
  Hyperparameters keys = *this;
  keys.architecture_ = name;
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
  HEARTH_ASSIGN(const auto values, integers(key, limit));
  if (values.empty()) return std::optional<int32_t>{};
  if (std::any_of(values.begin(), values.end(), [&](int32_t each) { return each != values.front(); })) {
    return Error{ErrorCode::kUnsupportedModel,
                 fmt::format("{}: key '{}': layers that differ in it are not supported",
                             gguf_->source().name(), full_key(key))};
  }
  return std::optional<int32_t>(values.front());
}

Result<std::vector<int32_t>> Hyperparameters::counts(std::string_view key, size_t n_layer,
                                                     int64_t limit) const {
  HEARTH_ASSIGN(auto values, integers(key, limit));
  if (values.size() == 1) values.resize(n_layer, values.front());
  if (!values.empty() && values.size() != n_layer) {
    return invalid(key, fmt::format("has {} values; the model has {} layers", values.size(), n_layer));
  }
  return values;
}

/// The number or the array's elements; nothing where the key is absent.
Result<std::vector<int32_t>> Hyperparameters::integers(std::string_view key, int64_t limit) const {
  const std::string name = full_key(key);
  const GgufValue* entry = gguf_->find(name);
  if (entry == nullptr) return std::vector<int32_t>{};
  std::vector<int64_t> values;
  if (entry->type == GgufType::kArray) {
    HEARTH_ASSIGN(const auto array, gguf_->require_array(name));
    if (array.type == GgufType::kString || array.count == 0)
      return invalid(key, "must be a number or an array of numbers");
    values = array.numbers<int64_t>();
  } else {
    HEARTH_ASSIGN(const uint64_t value, gguf_->require_integer(name));
    values.push_back(static_cast<int64_t>(std::min<uint64_t>(value, INT64_MAX)));
  }
  std::vector<int32_t> checked;
  for (const int64_t value : values) {
    if (value < 0) return invalid(key, "must not be negative");
    if (value > limit) return invalid(key, fmt::format("{} is above the limit of {}", value, limit));
    checked.push_back(static_cast<int32_t>(value));
  }
  return checked;
}

Result<std::optional<float>> Hyperparameters::number(std::string_view key) const {
  HEARTH_ASSIGN(const auto value, gguf_->number(full_key(key)));
  if (!value) return std::optional<float>{};
  if (!std::isfinite(*value)) return invalid(key, "must be finite");
  return std::optional<float>(static_cast<float>(*value));
}

Result<std::vector<float>> Hyperparameters::numbers(std::string_view key, size_t n_layer) const {
  const std::string name = full_key(key);
  const GgufValue* entry = gguf_->find(name);
  if (entry == nullptr) return std::vector<float>{};
  std::vector<float> values;
  if (entry->type == GgufType::kArray) {
    HEARTH_ASSIGN(const auto array, gguf_->require_array(name));
    if (array.type == GgufType::kString) return invalid(key, "must be a number or an array of numbers");
    values = array.numbers<float>();
  } else {
    HEARTH_ASSIGN(const auto value, number(key));
    values.assign(n_layer, *value);
  }
  if (!std::ranges::all_of(values, [](float value) { return std::isfinite(value); })) {
    return invalid(key, "must be finite");
  }
  if (values.size() != n_layer) {
    return invalid(key, fmt::format("has {} values; the model has {} layers", values.size(), n_layer));
  }
  return values;
}

Result<std::optional<bool>> Hyperparameters::flag(std::string_view key) const {
  return gguf_->boolean(full_key(key));
}

Result<std::optional<std::string_view>> Hyperparameters::string(std::string_view key) const {
  return gguf_->string(full_key(key));
}

Result<float> read_soft_cap(const Hyperparameters& keys, std::string_view key, float otherwise) {
  HEARTH_ASSIGN(const auto cap, keys.number(key));
  if (cap.value_or(otherwise) < 0.0F) return keys.invalid(key, "must not be negative");
  return cap.value_or(otherwise);
}

Result<ModelSpec> read_common(const Hyperparameters& keys, NormKind norm, RopePairs pairs, Absent absent) {
  ModelSpec spec;
  spec.architecture = keys.architecture();
  HEARTH_ASSIGN(const auto n_layer, keys.count("block_count", kMaxLayers));
  HEARTH_ASSIGN(const auto n_embd, keys.count("embedding_length", kMaxWidth));
  HEARTH_ASSIGN(auto n_ff, keys.counts("feed_forward_length", static_cast<size_t>(n_layer), kMaxWidth));
  if (absent != Absent::kAllowed) {
    // Where every layer has experts, nothing is as wide as the network that files may leave out.
    HEARTH_ASSIGN(const auto expert, keys.optional_count("expert_feed_forward_length", kMaxWidth));
    if (n_ff.empty() && expert.value_or(0) > 0) n_ff.assign(static_cast<size_t>(n_layer), *expert);
    if (n_ff.empty()) return keys.invalid("feed_forward_length", "is missing");
    if (std::ranges::find(n_ff, 0) != n_ff.end()) {
      return keys.invalid("feed_forward_length", "must be above 0");
    }
  }
  n_ff.resize(static_cast<size_t>(n_layer));
  HEARTH_ASSIGN(spec.context_length, keys.count("context_length", kMaxContext));
  HEARTH_ASSIGN(const auto mixers,
                read_mixers(keys, static_cast<size_t>(n_layer), n_embd, spec.context_length, pairs, absent));
  spec.embedding.n_embd = n_embd;
  HEARTH_ASSIGN(spec.head.norm, read_norm(keys, norm));
  HEARTH_TRY(read_pooling(keys, spec));
  for (size_t layer = 0; layer < mixers.size(); ++layer) {
    const FeedForwardSpec gated = GatedSpec{n_ff[layer], Activation::kSilu};
    spec.layers.push_back(
        {mixers[layer], n_ff[layer] > 0 ? gated : FeedForwardSpec{std::monostate{}}, spec.head.norm});
  }
  return spec;
}

AttentionSpec& attention_of(LayerSpec& layer) { return std::get<AttentionSpec>(layer.mixer); }
const AttentionSpec& attention_of(const LayerSpec& layer) { return std::get<AttentionSpec>(layer.mixer); }

}  // namespace hearth::families
