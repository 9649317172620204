#include "apps/bundle/model.h"

#include <fmt/format.h>

#include <optional>
#include <string_view>

#include "engine/format/model_file.h"

namespace hearth::bundle {

Result<std::string> name_of(const BundleParts& parts) {
  HEARTH_ASSIGN(const ModelFile model, ModelFile::open(parts.model));
  if (model.parts().size() > 1) {
    return Error{
        ErrorCode::kUnsupported,
        fmt::format("{}: is a model in {} files, and a bundle is made of one: 'hearth join' writes it",
                    parts.model.string(), model.parts().size())};
  }
  if (!parts.name.empty()) return parts.name;
  HEARTH_ASSIGN(const std::optional<std::string_view> own, model.metadata().string("general.name"));
  if (own && !own->empty()) return std::string(*own);
  return parts.model.stem().string();
}

}  // namespace hearth::bundle
