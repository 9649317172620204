#include "apps/workflow/run_error.h"

#include "engine/base/error_codes.h"

namespace hearth::workflow {

using nlohmann::ordered_json;

Error error_of(const ordered_json& event) {
  const ordered_json& error = event["error"];
  Error told{ErrorCode::kInternal, error["message"].get<std::string>()};
  for (const ErrorCodeEntry& entry : error_codes()) {
    if (error["code"] == entry.name) told.code = entry.code;
  }
  return told;
}

}  // namespace hearth::workflow
