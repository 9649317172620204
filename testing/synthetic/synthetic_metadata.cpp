#include "testing/synthetic/synthetic_metadata.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace hearth {
namespace {

// Adds keys that begin with the architecture's name, but for those of which the shape says something else.
class Keys {
 public:
  Keys(const SyntheticShape& shape, GgufWriter& writer) : shape_(shape), writer_(writer) {}

  void add(std::string_view key, int32_t value) { put_unless_replaced(key, value); }
  void add(std::string_view key, bool value) { put_unless_replaced(key, value); }
  void add(std::string_view key, float value) { put_unless_replaced(key, value); }
  void add(std::string_view key, std::string_view value) { put_unless_replaced(key, value); }
  void add(std::string_view key, const std::vector<std::string>& values) {
    writer_.add_strings(full(key), values);
  }
  void add_those_of_shape() {
    for (const SyntheticKey& key : shape_.keys) {
      std::visit([&](const auto& value) { put(full(key.name), value); }, key.value);
    }
  }

 private:
  template <typename Value>
  void put_unless_replaced(std::string_view key, const Value& value) {
    const bool is_replaced = std::ranges::any_of(
        shape_.keys, [key](const SyntheticKey& replacing) { return replacing.name == key; });
    if (!is_replaced) put(full(key), value);
  }

  void put(const std::string& key, int32_t value) { writer_.add_uint32(key, static_cast<uint32_t>(value)); }
  void put(const std::string& key, bool value) { writer_.add_bool(key, value); }
  void put(const std::string& key, float value) { writer_.add_float32(key, value); }
  void put(const std::string& key, std::string_view value) { writer_.add_string(key, value); }
  void put(const std::string& key, const SyntheticKey::Integers& values) { writer_.add_int32s(key, values); }
  void put(const std::string& key, const SyntheticKey::Numbers& values) { writer_.add_float32s(key, values); }
  void put(const std::string& /*key*/, SyntheticKey::Absent /*value*/) {}

  // Those of xIELU and of diffusion have no architecture before them.
  std::string full(std::string_view key) const {
    return key.starts_with("xielu.") || key.starts_with("diffusion.")
               ? std::string(key)
               : fmt::format("{}.{}", shape_.architecture, key);
  }

  const SyntheticShape& shape_;
  GgufWriter& writer_;
};

void add_encoder(const SyntheticShape& shape, Keys& keys, GgufWriter& writer) {
  keys.add("attention.causal", false);
  if (shape.architecture != "modern-bert") writer.add_uint32("tokenizer.ggml.token_type_count", 2);
  if (shape.n_expert > 0) keys.add("moe_every_n_layers", 2);
  if (shape.window > 0) {
    keys.add("attention.sliding_window_pattern", 3);
    keys.add("rope.freq_base_swa", 5000.0F);
  }
}

void add_rope(const SyntheticShape& shape, Keys& keys) {
  keys.add("rope.dimension_count", shape.rope_dimensions > 0 ? shape.rope_dimensions : shape.head_dimension);
  keys.add("rope.freq_base", shape.rope_theta);
  if (shape.rope == SyntheticRope::kLinear || shape.rope == SyntheticRope::kYarn) {
    keys.add("rope.scaling.type", std::string_view(shape.rope == SyntheticRope::kLinear ? "linear" : "yarn"));
    keys.add("rope.scaling.factor", shape.rope_factor);
    keys.add("rope.scaling.original_context_length", shape.original_context);
  }
  if (shape.rope == SyntheticRope::kLongRope) {
    keys.add("rope.scaling.original_context_length", shape.original_context);
    // Phi 3's config: sqrt(1 + ln(extension) / ln(original context)).
    const auto original = static_cast<float>(shape.original_context);
    const float extension = static_cast<float>(shape.context_length) / original;
    keys.add("rope.scaling.attn_factor", std::sqrt(1.0F + std::log(extension) / std::log(original)));
  }
}

}  // namespace

void add_synthetic_metadata(const SyntheticShape& shape, const TypeMix& mix, GgufWriter& writer) {
  writer.add_string("general.architecture", shape.architecture);
  writer.add_string("general.type", "model");
  writer.add_string("general.name", fmt::format("{} with random weights", shape.name));
  writer.add_uint32("general.file_type", static_cast<uint32_t>(mix.file_type));
  writer.add_uint32("general.quantization_version", 2);

  Keys keys(shape, writer);
  keys.add("vocab_size", shape.n_vocab);
  keys.add("context_length", shape.context_length);
  keys.add("embedding_length", shape.n_embd);
  keys.add("block_count", shape.n_layer);
  keys.add("feed_forward_length", shape.n_ff);
  keys.add("attention.head_count", shape.n_head);
  keys.add("attention.head_count_kv", shape.n_head_kv);
  keys.add("attention.key_length", shape.head_dimension);
  keys.add("attention.value_length", shape.head_dimension);
  keys.add(shape.layer_norm ? "attention.layer_norm_epsilon" : "attention.layer_norm_rms_epsilon",
           shape.norm_epsilon);
  add_rope(shape, keys);
  if (shape.n_expert > 0) {
    keys.add("expert_count", shape.n_expert);
    keys.add("expert_used_count", shape.n_expert_used);
    if (shape.n_ff_expert > 0) keys.add("expert_feed_forward_length", shape.n_ff_expert);
  }
  if (shape.window > 0) keys.add("attention.sliding_window", shape.window);
  if (shape.attention_soft_cap > 0.0F) keys.add("attn_logit_softcapping", shape.attention_soft_cap);
  if (shape.pooling > 0) keys.add("pooling_type", shape.pooling);
  if (shape.labels > 1) keys.add("classifier.output_labels", std::vector<std::string>{"yes", "no"});
  if (shape.is_encoder) add_encoder(shape, keys, writer);
  if (shape.final_soft_cap > 0.0F) keys.add("final_logit_softcapping", shape.final_soft_cap);
  keys.add_those_of_shape();
}

}  // namespace hearth
