#include "engine/model/families/family.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

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

}  // namespace

std::vector<std::string_view> supported_architectures() {
  std::vector<std::string_view> names;
  names.reserve(kFamilies.size());
  for (const Family& family : kFamilies) names.push_back(family.architecture);
  return names;
}

Result<ModelSpec> read_model_spec(const Gguf& gguf) {
  HEARTH_ASSIGN(const std::string_view architecture, gguf.require_string("general.architecture"));
  const auto family = std::ranges::find(kFamilies, architecture, &Family::architecture);
  if (family == kFamilies.end()) {
    return Error{ErrorCode::kUnsupportedModel,
                 fmt::format("{}: architecture '{}' is not one that Hearth runs ({})", gguf.source().name(),
                             architecture, fmt::join(supported_architectures(), ", "))};
  }
  HEARTH_ASSIGN(const ModelSpec spec, family->read(gguf));
  HEARTH_ASSIGN(const auto keys, families::Hyperparameters::of(gguf));
  HEARTH_TRY(families::refuse_unread_keys(keys, spec));
  return spec;
}

}  // namespace hearth
