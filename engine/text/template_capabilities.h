// What a chat template can do, which nothing but its behaviour tells: it is found by rendering a few small
// conversations and looking at what becomes of them.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <string_view>

namespace hearth {

/// The defaults are for a template of which nothing can be learnt: its conversations are left as they are.
struct TemplateCapabilities {
  bool system = true;                                   // shows a system message before a user's
  bool tools = false;                                   // shows the tools that it is given
  bool reasoning = false;                               // shows what an assistant's message says of it
  bool parallel_calls = true;                           // shows several tool calls of one message
  std::set<std::string, std::less<>> roles_with_parts;  // whose contents may be lists of parts

  // Not told, but heeded.
  bool only_parts = false;             // no content may be a text
  bool calls = true;                   // shows tool calls
  bool calls_without_content = false;  // but only where the content is null
  bool results = true;                 // shows what tools answered

  bool takes_parts(std::string_view role) const { return only_parts || roles_with_parts.contains(role); }
};

/// {"system", "tools", "parts", "reasoning", "parallelCalls"}, each true or false; parts are those of users.
nlohmann::ordered_json to_json(const TemplateCapabilities& capabilities);

/// Renders a conversation, with tools unless they are null; "" where the template refuses it.
using RenderProbe =
    std::function<std::string(const nlohmann::ordered_json& messages, const nlohmann::ordered_json& tools)>;

/// Nothing can be learnt of a template that refuses even a lone user's message, because it wants further
/// variables.
TemplateCapabilities find_capabilities(const RenderProbe& render);

}  // namespace hearth
