// Reading hyperparameters from metadata, checked: what every family's file begins with.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/format/gguf.h"
#include "engine/model/spec.h"

namespace hearth::families {

/// Of a vector or one side of a matrix: far above any model there is, and low enough that products of two fit
/// in 64 bits.
inline constexpr int64_t kMaxWidth = int64_t{1} << 24;

/// Keys of one architecture: `integer("block_count")` reads "llama.block_count".
class Hyperparameters {
 public:
  static Result<Hyperparameters> of(const Gguf& gguf);

  /// The same file's keys that begin with `name` in place of the architecture's.
  Hyperparameters under(std::string_view name) const;

  const std::string& architecture() const { return architecture_; }
  const Gguf& gguf() const { return *gguf_; }

  /// A required integer in [1, limit].
  Result<int32_t> count(std::string_view key, int64_t limit) const;
  /// An optional integer in [0, limit]. Where it is an array (a value per layer), all its elements must be
  /// equal.
  Result<std::optional<int32_t>> optional_count(std::string_view key, int64_t limit) const;
  /// An optional integer in [0, limit] for each layer, of an array or one for all; empty where the key is
  /// absent.
  Result<std::vector<int32_t>> counts(std::string_view key, size_t n_layer, int64_t limit) const;
  /// An optional finite number.
  Result<std::optional<float>> number(std::string_view key) const;
  /// A finite number for each layer, of an array or one for all; empty where the key is absent.
  Result<std::vector<float>> numbers(std::string_view key, size_t n_layer) const;
  Result<std::optional<bool>> flag(std::string_view key) const;
  Result<std::optional<std::string_view>> string(std::string_view key) const;

  std::string full_key(std::string_view key) const { return architecture_ + "." + std::string(key); }
  Error invalid(std::string_view key, std::string_view reason) const;

 private:
  Result<std::vector<int32_t>> integers(std::string_view key, int64_t limit) const;

  const Gguf* gguf_ = nullptr;
  std::string architecture_;
};

/// What a layer may be without: heads (of queries, or of keys and values), or a width for its feed-forward
/// network, too. Then std::monostate is in its place.
enum class Absent { kRefused, kHeads, kAllowed };

/// A cap of scores or logits; 0 for none. Only some families have any: files of others may say one that
/// their models do not apply.
Result<float> read_soft_cap(const Hyperparameters& keys, std::string_view key, float otherwise);

/// Everything that all families share: sizes, the scale of scores, norms, pooling, and layers of attention
/// (heads, rope with its scaling) and a gated feed-forward network with SiLU. Heads and
/// widths may be other ones in every layer.
Result<ModelSpec> read_common(const Hyperparameters& keys, NormKind norm, RopePairs pairs,
                              Absent absent = Absent::kRefused);

/// A layer's attention, where that is its mixer: so in every layer of read_common that has heads.
AttentionSpec& attention_of(LayerSpec& layer);
const AttentionSpec& attention_of(const LayerSpec& layer);

}  // namespace hearth::families
