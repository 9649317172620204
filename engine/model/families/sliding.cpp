#include "engine/model/families/sliding.h"

#include <fmt/format.h>

namespace hearth::families {

Result<std::vector<bool>> read_sliding_layers(const Hyperparameters& keys, size_t n_layer, int32_t period,
                                              FullLayer full) {
  constexpr std::string_view kKey = "attention.sliding_window_pattern";
  const GgufValue* pattern = keys.gguf().find(keys.full_key(kKey));
  std::vector<bool> slides;
  slides.reserve(n_layer);
  if (pattern != nullptr && pattern->type == GgufType::kArray) {
    HEARTH_ASSIGN(const auto values, keys.numbers(kKey, n_layer));
    for (const float value : values) slides.push_back(value != 0.0F);
    return slides;
  }
  HEARTH_ASSIGN(const auto own, keys.optional_count(kKey, INT32_MAX));
  const auto length = static_cast<size_t>(own.value_or(period));
  for (size_t layer = 0; layer < n_layer; ++layer) {
    const size_t place = length == 0 ? 0 : layer % length;
    slides.push_back(length == 0 || place != (full == FullLayer::kFirst ? 0 : length - 1));
  }
  return slides;
}

Result<RopeSpec> read_sliding_rope(const Hyperparameters& keys, RopeSpec rope) {
  constexpr std::string_view kBase = "rope.freq_base_swa";
  constexpr std::string_view kDimensions = "rope.dimension_count_swa";
  constexpr int64_t kMaxDimensions = 1 << 20;
  HEARTH_ASSIGN(const auto base, keys.number(kBase));
  HEARTH_ASSIGN(const auto dimensions, keys.optional_count(kDimensions, kMaxDimensions));
  if (base && *base <= 1.0F) return keys.invalid(kBase, "must be above 1");
  if (dimensions && *dimensions % 2 != 0) return keys.invalid(kDimensions, "must be even");
  rope.theta_base = base.value_or(rope.theta_base);
  rope.dimensions = dimensions.value_or(rope.dimensions);
  return rope;
}

Result<RopeSpec> read_own_sliding_rope(const Hyperparameters& keys, RopeSpec rope) {
  rope.theta_base = 10000.0F;
  rope.frequency_scale = 1.0F;
  return read_sliding_rope(keys, rope);
}

Result<void> turn_only_where_it_slides(const Hyperparameters& keys, ModelSpec& spec) {
  HEARTH_ASSIGN(const auto window, keys.count("attention.sliding_window", INT32_MAX));
  HEARTH_ASSIGN(const auto slides, read_sliding_layers(keys, spec.layers.size(), 4));
  for (size_t index = 0; index < spec.layers.size(); ++index) {
    AttentionSpec& attention = attention_of(spec.layers[index]);
    if (slides[index]) {
      attention.window = window;
    } else {
      attention.rope.dimensions = 0;
    }
  }
  return {};
}

}  // namespace hearth::families
