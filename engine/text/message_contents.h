// The contents of messages, which OpenAI's API has as text, as a list of parts, or as null for none.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "engine/base/result.h"
#include "engine/text/template_capabilities.h"

namespace hearth {

inline Error invalid_messages(std::string message) {
  return {ErrorCode::kInvalidArgument, std::move(message)};
}

/// INVALID_ARGUMENT, naming the message and the part, unless `messages` is an array of objects, each with a
/// role and a content of text, parts of text, or nothing.
Result<void> check_messages(const nlohmann::ordered_json& messages);

/// The text of a checked content, its parts joined as they are.
std::string text_of_content(const nlohmann::ordered_json& content);

/// A content of one part.
nlohmann::ordered_json as_parts(std::string_view text);

/// Checked messages with contents as the template takes them: lists of parts stay where it takes those, and
/// are joined to one text elsewhere; nothing is an empty text, but for a template that shows the calls of a
/// message only where its content is null.
nlohmann::ordered_json with_contents_for(const TemplateCapabilities& capabilities,
                                         nlohmann::ordered_json messages);

}  // namespace hearth
