#include "engine/model/families/rope_sections.h"

#include <array>
#include <variant>

namespace hearth::families {
namespace {

using Sections = std::array<int32_t, 4>;

Result<Sections> sections_of(const Hyperparameters& keys) {
  constexpr std::string_view kKey = "rope.dimension_sections";
  Sections sections{};
  if (keys.gguf().find(keys.full_key(kKey)) == nullptr) return sections;
  HEARTH_ASSIGN(const auto array, keys.gguf().require_array(keys.full_key(kKey)));
  if (array.type == GgufType::kString || array.count > sections.size()) {
    return keys.invalid(kKey, "must be up to four numbers");
  }
  const auto values = array.numbers<int64_t>();
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i] < 0 || values[i] > kMaxWidth) return keys.invalid(kKey, "must be numbers of pairs");
    sections[i] = static_cast<int32_t>(values[i]);
  }
  return sections;
}

}  // namespace

Result<bool> read_rope_sections(const Hyperparameters& keys) {
  HEARTH_ASSIGN(const Sections sections, sections_of(keys));
  return sections[0] > 0 && sections[1] > 0;
}

Result<void> apply_rope_sections(const Hyperparameters& keys, bool alternate, ModelSpec& spec) {
  HEARTH_ASSIGN(const Sections sections, sections_of(keys));
  if (sections[0] == 0 || sections[1] == 0) return {};
  for (LayerSpec& layer : spec.layers) {
    auto* const attention = std::get_if<AttentionSpec>(&layer.mixer);
    if (attention == nullptr) continue;
    attention->rope.sections = sections;
    attention->rope.sections_alternate = alternate;
  }
  return {};
}

}  // namespace hearth::families
