#include "engine/text/template_capabilities.h"

#include <nlohmann/json.hpp>

namespace hearth {
namespace {

using nlohmann::ordered_json;

// Texts that no template writes by itself, and none escapes.
constexpr std::string_view kSystem = "ProbeOfTheSystem";
constexpr std::string_view kQuestion = "ProbeOfTheQuestion";
constexpr std::string_view kAnswer = "ProbeOfTheAnswer";

ordered_json message(std::string_view role, std::string_view content) {
  return {{"role", role}, {"content", content}};
}

/// The conversation with the contents of that role, or of all roles if it is "", as lists of one part.
ordered_json with_parts(ordered_json messages, std::string_view role) {
  for (ordered_json& message : messages) {
    if (!role.empty() && message["role"] != role) continue;
    message["content"] = ordered_json::array({{{"type", "text"}, {"text", message["content"]}}});
  }
  return messages;
}

bool shows(std::string_view prompt, std::string_view text) {
  return prompt.find(text) != std::string_view::npos;
}

/// One template, and what has been found out about it.
class Inquiry {
 public:
  explicit Inquiry(const RenderProbe& render) : render_(render) {}

  TemplateCapabilities find() {
    const ordered_json question = ordered_json::array({message("user", kQuestion)});
    if (!shows(render_(question), kQuestion)) {
      found_.only_parts = shows(render_(with_parts(question, "")), kQuestion);
      return found_;
    }
    try_parts("user", question);
    // Whoever takes no parts of users takes none of others either.
    if (!found_.takes_parts("user")) return found_;
    try_parts("system", ordered_json::array({message("system", kSystem), message("user", kQuestion)}));
    try_parts("assistant", ordered_json::array({message("user", kQuestion), message("assistant", kAnswer),
                                                message("user", kQuestion)}));
    return found_;
  }

 private:
  /// A role takes parts if they give the prompt that a text gives: some templates print the list.
  void try_parts(const char* role, const ordered_json& conversation) {
    const std::string prompt = render_(conversation);
    if (!prompt.empty() && render_(with_parts(conversation, role)) == prompt) {
      found_.roles_with_parts.emplace(role);
    }
  }

  const RenderProbe& render_;
  TemplateCapabilities found_;
};

}  // namespace

TemplateCapabilities find_capabilities(const RenderProbe& render) { return Inquiry(render).find(); }

}  // namespace hearth
