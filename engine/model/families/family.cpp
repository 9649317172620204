#include "engine/model/families/family.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "engine/base/nearest_name.h"
#include "engine/model/families/hyperparameters.h"
#include "engine/model/families/unread_keys.h"

namespace hearth {
namespace {

struct Family {
  std::string_view architecture;
  Result<ModelSpec> (*read)(const Gguf&);
};

constexpr std::array kFamilies{
#define HEARTH_FAMILY(name, architecture) Family{architecture, families::name},
#include "engine/model/families/families.inc"
#undef HEARTH_FAMILY
};

/// What files of other names are, which no answer can come of by themselves.
struct OtherKind {
  std::string_view architecture;
  std::string_view what;
};

constexpr std::array kOtherKinds{
    OtherKind{"clip", "reads images or sound for a language model, which is another file: load that one"},
    OtherKind{"eagle3", "guesses tokens from another model's hidden states, and answers nothing by itself"},
    OtherKind{"dflash", "guesses tokens from another model's hidden states, and answers nothing by itself"},
    OtherKind{"gemma4-assistant", "guesses tokens from a Gemma 4's keys and values: load the Gemma 4 itself"},
    OtherKind{"wavtokenizer-dec", "makes sound of codes that a language model gives, and reads no text"},
};

Error unknown_architecture(const Gguf& gguf, std::string_view architecture) {
  const auto other = std::ranges::find(kOtherKinds, architecture, &OtherKind::architecture);
  const std::string reason =
      other != kOtherKinds.end()
          ? fmt::format("is of no language model: it {}", other->what)
          : fmt::format(
                "is not one of the {} that Hearth runs; the nearest name among them is '{}' (all: "
                "docs/models.md)",
                kFamilies.size(), nearest_name(architecture, supported_architectures()));
  return {ErrorCode::kUnsupportedModel, fmt::format("{}: the file is in order, but its architecture '{}' {}",
                                                    gguf.source().name(), architecture, reason)};
}

/// Whatever a family makes of the keys for some layers: no head turns in more dimensions than it has.
Result<void> check_turning_dimensions(const families::Hyperparameters& keys, const ModelSpec& spec) {
  for (const LayerSpec& layer : spec.layers) {
    const auto* attention = std::get_if<AttentionSpec>(&layer.mixer);
    if (attention == nullptr || attention->rope.dimensions <= attention->key_dimension) continue;
    return keys.invalid(attention->window > 0 ? "rope.dimension_count_swa" : "rope.dimension_count",
                        fmt::format("{} is more than the {} dimensions of a head", attention->rope.dimensions,
                                    attention->key_dimension));
  }
  return {};
}

}  // namespace

std::vector<std::string> supported_architectures() {
  std::vector<std::string> names;
  names.reserve(kFamilies.size());
  for (const Family& family : kFamilies) names.emplace_back(family.architecture);
  return names;
}

Result<ModelSpec> read_model_spec(const Gguf& gguf) {
  HEARTH_ASSIGN(const std::string_view architecture, gguf.require_string("general.architecture"));
  const auto family = std::ranges::find(kFamilies, architecture, &Family::architecture);
  if (family == kFamilies.end()) return unknown_architecture(gguf, architecture);
  HEARTH_ASSIGN(const ModelSpec spec, family->read(gguf));
  HEARTH_ASSIGN(const auto keys, families::Hyperparameters::of(gguf));
  HEARTH_TRY(families::refuse_unread_keys(keys, spec));
  HEARTH_TRY(check_turning_dimensions(keys, spec));
  return spec;
}

}  // namespace hearth
