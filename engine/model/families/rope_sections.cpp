#include "engine/model/families/rope_sections.h"

#include <fmt/format.h>

namespace hearth::families {

Result<bool> read_rope_sections(const Hyperparameters& keys) {
  constexpr std::string_view kKey = "rope.dimension_sections";
  constexpr size_t kKinds = 4;
  if (keys.gguf().find(keys.full_key(kKey)) == nullptr) return false;
  HEARTH_ASSIGN(const auto array, keys.gguf().require_array(keys.full_key(kKey)));
  if (array.type == GgufType::kString || array.count > kKinds) {
    return keys.invalid(kKey, "must be up to four numbers");
  }
  auto sections = array.numbers<int64_t>();
  sections.resize(kKinds);
  if (sections.back() != 0) {
    return Error{
        ErrorCode::kUnsupportedModel,
        fmt::format("{}: key '{}': Hearth knows sections for time, height and width; {} pairs are of "
                    "a fourth",
                    keys.gguf().source().name(), keys.full_key(kKey), sections.back())};
  }
  return sections[0] > 0 && sections[1] > 0;
}

}  // namespace hearth::families
