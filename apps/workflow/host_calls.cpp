#include "apps/workflow/host_calls.h"

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

Result<std::string> document_text(const ordered_json& document) {
  const bool has_text = document.is_object() && document.contains("text");
  const ordered_json& text = has_text ? document["text"] : document;
  if (text.is_string()) return text.get<std::string>();
  return Error{ErrorCode::kInvalidArgument, "the documents to rank must be texts, or objects with a text"};
}

}  // namespace hearth::workflow
