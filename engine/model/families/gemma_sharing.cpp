#include "engine/model/families/gemma_sharing.h"

#include <fmt/format.h>

namespace hearth::families {

Result<void> share_keys_and_values(const Hyperparameters& keys, ModelSpec& spec, int32_t first_sharing) {
  spec.applied_keys.emplace_back("attention.shared_kv_layers");
  for (int32_t layer = first_sharing; layer < spec.n_layer(); ++layer) {
    AttentionSpec& attention = attention_of(spec.layers[static_cast<size_t>(layer)]);
    const auto is_alike = [&](const AttentionSpec& other) {
      return (other.window > 0) == (attention.window > 0) && other.n_head_kv == attention.n_head_kv &&
             other.key_dimension == attention.key_dimension &&
             other.value_dimension == attention.value_dimension;
    };
    int32_t shared = first_sharing - 1;
    while (shared >= 0 && !is_alike(attention_of(spec.layers[static_cast<size_t>(shared)]))) --shared;
    if (shared < 0) {
      return keys.invalid(
          "attention.shared_kv_layers",
          fmt::format("layer {} shares keys and values with an earlier one, and none of those "
                      "that have their own is like it",
                      layer));
    }
    attention.shared_kv = shared;
  }
  return {};
}

}  // namespace hearth::families
