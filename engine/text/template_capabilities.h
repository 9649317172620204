// What a chat template can do, which nothing but its behaviour tells: it is found by rendering a few small
// conversations and looking at what becomes of them.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <string_view>

namespace hearth {

struct TemplateCapabilities {
  std::set<std::string, std::less<>> roles_with_parts;  // whose contents may be lists of parts
  bool only_parts = false;                              // no content may be a text

  bool takes_parts(std::string_view role) const { return only_parts || roles_with_parts.contains(role); }
};

/// Renders a conversation; "" where the template refuses it.
using RenderProbe = std::function<std::string(const nlohmann::ordered_json& messages)>;

/// Nothing can be learnt about a template that refuses even a lone user's message, because it wants further
/// variables: it has the defaults.
TemplateCapabilities find_capabilities(const RenderProbe& render);

}  // namespace hearth
