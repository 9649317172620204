// Reading hyperparameters from metadata, checked: what every family's file begins with.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/format/gguf.h"
#include "engine/model/spec.h"

namespace hearth::families {

/// Keys of one architecture: `integer("block_count")` reads "llama.block_count".
class Hyperparameters {
 public:
  static Result<Hyperparameters> of(const Gguf& gguf);

  const std::string& architecture() const { return architecture_; }
  const Gguf& gguf() const { return *gguf_; }

  /// A required integer in [1, limit].
  Result<int32_t> count(std::string_view key, int64_t limit) const;
  /// An optional integer in [0, limit]. Where it is an array (a value per layer), all its elements must be
  /// equal.
  Result<std::optional<int32_t>> optional_count(std::string_view key, int64_t limit) const;
  /// An optional finite number.
  Result<std::optional<float>> number(std::string_view key) const;
  Result<std::optional<bool>> flag(std::string_view key) const;
  Result<std::optional<std::string_view>> string(std::string_view key) const;

  std::string full_key(std::string_view key) const { return architecture_ + "." + std::string(key); }
  Error invalid(std::string_view key, std::string_view reason) const;

 private:
  const Gguf* gguf_ = nullptr;
  std::string architecture_;
};

/// Everything that all families share: sizes, heads, the scale and caps of scores and logits, norm epsilon
/// (`epsilon_key`) and rope with its scaling.
Result<ModelSpec> read_common(const Hyperparameters& keys, std::string_view epsilon_key, RopePairs pairs);

/// Reads expert_count, expert_used_count, expert_feed_forward_length and expert_weights_norm into
/// spec.experts.
Result<void> read_experts(const Hyperparameters& keys, ModelSpec& spec);

inline constexpr std::string_view kRmsEpsilonKey = "attention.layer_norm_rms_epsilon";
inline constexpr std::string_view kLayerNormEpsilonKey = "attention.layer_norm_epsilon";

}  // namespace hearth::families
