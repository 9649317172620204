#include "engine/workflow/actions/parameters.h"

#include <fmt/format.h>

namespace hearth::workflow {
using Json = Parameters::Json;

namespace {

Error must_be(std::string_view name, std::string_view wanted, const Json& given) {
  return {ErrorCode::kInvalidArgument,
          fmt::format("the parameter '{}' must be {}, not {}", name, wanted, given.type_name())};
}

}  // namespace

const Json* Parameters::find(Spellings spellings) const {
  for (const std::string_view spelling : spellings) {
    const auto found = given_.find(spelling);
    if (found != given_.end() && !found->is_null()) return &*found;
  }
  return nullptr;
}

Result<const Json*> Parameters::value(Spellings spellings) const {
  if (const Json* found = find(spellings)) return found;
  return Error{ErrorCode::kInvalidArgument, fmt::format("the parameter '{}' is missing", *spellings.begin())};
}

Result<std::string> Parameters::text(Spellings spellings) const {
  HEARTH_ASSIGN(const Json* found, value(spellings));
  if (!found->is_string()) return must_be(*spellings.begin(), "a text", *found);
  return found->get<std::string>();
}

Result<std::string> Parameters::text_or(Spellings spellings, std::string_view otherwise) const {
  return find(spellings) == nullptr ? Result<std::string>(std::string(otherwise)) : text(spellings);
}

Result<int64_t> Parameters::whole_or(Spellings spellings, int64_t otherwise) const {
  const Json* found = find(spellings);
  if (found == nullptr) return otherwise;
  if (!found->is_number_integer()) return must_be(*spellings.begin(), "a whole number", *found);
  return found->get<int64_t>();
}

Result<bool> Parameters::flag_or(Spellings spellings, bool otherwise) const {
  const Json* found = find(spellings);
  if (found == nullptr) return otherwise;
  if (!found->is_boolean()) return must_be(*spellings.begin(), "true or false", *found);
  return found->get<bool>();
}

}  // namespace hearth::workflow
