#include "engine/model/families/unread_keys.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <span>
#include <vector>

namespace hearth::families {
namespace {

/// A key's value as numbers: one, or the elements of an array.
using Values = std::span<const double>;

bool are_zero(Values values, const ModelSpec&) {
  return std::all_of(values.begin(), values.end(), [](double value) { return value == 0.0; });
}

/// Of a scale. 0 stands for none, too.
bool are_zero_or_one(Values values, const ModelSpec&) {
  return std::all_of(values.begin(), values.end(), [](double value) { return value == 0.0 || value == 1.0; });
}

bool are_about(Values values, float expected) {
  return std::all_of(values.begin(), values.end(), [expected](double value) {
    return std::abs(value - static_cast<double>(expected)) <= 1e-5 * std::abs(static_cast<double>(expected));
  });
}

/// Of the layers that have attention.
std::vector<const AttentionSpec*> attentions_of(const ModelSpec& spec) {
  std::vector<const AttentionSpec*> attentions;
  for (const LayerSpec& layer : spec.layers) {
    if (const AttentionSpec* attention = find_attention(layer)) attentions.push_back(attention);
  }
  return attentions;
}

/// Whether it holds for the attention of every layer that has it.
template <typename Holds>
bool every_attention(const ModelSpec& spec, const Holds& holds) {
  const auto attentions = attentions_of(spec);
  return std::all_of(attentions.begin(), attentions.end(),
                     [&](const AttentionSpec* attention) { return holds(*attention); });
}

/// Whether it holds for that of one layer at least.
template <typename Holds>
bool any_attention(const ModelSpec& spec, const Holds& holds) {
  return !every_attention(spec, [&](const AttentionSpec& attention) { return !holds(attention); });
}

bool uses_yarn(const ModelSpec& spec) {
  return any_attention(spec, [](const AttentionSpec& attention) { return attention.rope.yarn; });
}

/// Of a scale of what layers add.
bool is_mixer_scale_of(Values values, const ModelSpec& spec) {
  return are_zero_or_one(values, spec) || are_about(values, spec.layers.front().mixer_scale);
}

struct Key {
  std::string_view name;
  /// Whether a model with these values computes what the spec says.
  bool (*agrees)(Values values, const ModelSpec& spec);
};

// Of llama.cpp's keys (src/llama-arch.cpp) those that tell how to compute, but for what shows in the tensors,
// and for what writers put into files of architectures, too, that have no use for it: windows, ALiBi's bias,
// bounds of queries, keys and values, and the like. Beside the family's own they say nothing, there as here.
constexpr std::array kKeys{
    Key{"logit_scale",
        [](Values values, const ModelSpec& spec) {
          return are_zero_or_one(values, spec) || are_about(values, spec.head.logit_scale) ||
                 are_about(values, 1.0F / spec.head.logit_scale);
        }},
    Key{"embedding_scale",
        [](Values values, const ModelSpec& spec) {
          return are_zero_or_one(values, spec) || are_about(values, spec.embedding.scale);
        }},
    Key{"rescale_every_n_layers", are_zero},
    Key{"swin_norm", are_zero},
    Key{"swiglu_clamp_exp", are_zero},
    Key{"swiglu_clamp_shexp", are_zero},
    Key{"attention.causal",
        [](Values values, const ModelSpec& spec) { return are_zero(values, spec) == spec.sees_both_ways(); }},
    Key{"attention.output_scale", are_zero_or_one},
    Key{"attention.scale",
        [](Values values, const ModelSpec& spec) {
          return are_zero(values, spec) || every_attention(spec, [&](const AttentionSpec& attention) {
                   return are_about(values, attention.scale);
                 });
        }},
    Key{"attention.shared_kv_layers", are_zero},
    Key{"attention.temperature_scale",
        [](Values values, const ModelSpec& spec) {
          return are_zero(values, spec) || any_attention(spec, [&](const AttentionSpec& attention) {
                   return are_about(values, attention.temperature.scale);
                 });
        }},
    Key{"attention.value_scale", is_mixer_scale_of},
    Key{"rope.scaling.alpha", are_zero_or_one},
    Key{"rope.scaling.yarn_log_multiplier",
        [](Values values, const ModelSpec& spec) {
          return !uses_yarn(spec) || any_attention(spec, [&](const AttentionSpec& attention) {
            return are_about(values, attention.rope.yarn_log_multiplier);
          });
        }},
};

/// Empty for a string.
std::vector<double> numbers_of(const GgufValue& value) {
  if (const auto* array = std::get_if<GgufArray>(&value.value)) {
    return array->type == GgufType::kString ? std::vector<double>{} : array->numbers<double>();
  }
  if (const auto* number = std::get_if<double>(&value.value)) return {*number};
  if (const auto* integer = std::get_if<int64_t>(&value.value)) return {static_cast<double>(*integer)};
  if (const auto* integer = std::get_if<uint64_t>(&value.value)) return {static_cast<double>(*integer)};
  if (const auto* flag = std::get_if<bool>(&value.value)) return {*flag ? 1.0 : 0.0};
  return {};
}

Error unread(const Hyperparameters& keys, std::string_view key, const std::string& value) {
  return {
      ErrorCode::kUnsupportedModel,
      fmt::format("{}: key '{}' ({}) changes what the model computes, and Hearth does not apply it to the "
                  "architecture '{}'; choose another model, or a newer Hearth",
                  keys.gguf().source().name(), keys.full_key(key), value, keys.architecture())};
}

bool is_name_of(const Activation& activation, std::string_view name) {
  switch (activation.kind) {
    case Activation::Kind::kGeluTanh:
      return name.starts_with("gelu");
    case Activation::Kind::kRelu:
      return name == "relu";
    case Activation::Kind::kReluSquared:
      return name == "relu2";
    case Activation::Kind::kXielu:
      return name == "xielu";
    case Activation::Kind::kIdentity:
      return name == "linear";
    case Activation::Kind::kSigmoid:
      return name == "sigmoid";
    case Activation::Kind::kSoftplus:
      return name == "softplus";
    case Activation::Kind::kSilu:
    case Activation::Kind::kClampedSwish:
      return name == "silu" || name == "swish";
  }
  return false;
}

/// The activation goes with the architecture; few files name it.
Result<void> refuse_other_activation(const Hyperparameters& keys, const ModelSpec& spec) {
  HEARTH_ASSIGN(const auto name, keys.string("hidden_activation"));
  if (!name) return {};
  const auto activation = std::visit(
      [](const auto& block) -> std::optional<Activation> {
        if constexpr (requires { block.activation; }) return block.activation;
        return std::nullopt;
      },
      spec.layers.front().feed_forward);
  if (!activation || is_name_of(*activation, *name)) return {};
  return unread(keys, "hidden_activation", std::string(*name));
}

}  // namespace

Result<void> refuse_unread_keys(const Hyperparameters& keys, const ModelSpec& spec) {
  for (const Key& key : kKeys) {
    const GgufValue* value = keys.gguf().find(keys.full_key(key.name));
    if (value == nullptr || std::ranges::find(spec.applied_keys, key.name) != spec.applied_keys.end())
      continue;
    const std::vector<double> values = numbers_of(*value);
    if (values.empty()) return keys.invalid(key.name, "must be a number");
    if (!key.agrees(values, spec)) return unread(keys, key.name, fmt::format("{}", values.front()));
  }
  return refuse_other_activation(keys, spec);
}

}  // namespace hearth::families
