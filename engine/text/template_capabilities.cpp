#include "engine/text/template_capabilities.h"

#include <nlohmann/json.hpp>

#include "engine/text/message_contents.h"

namespace hearth {
namespace {

using nlohmann::ordered_json;

// Texts that no template writes by itself, and that none escapes.
constexpr std::string_view kSystem = "ProbeOfTheSystem";
constexpr std::string_view kQuestion = "ProbeOfTheQuestion";
constexpr std::string_view kAnswer = "ProbeOfTheAnswer";
constexpr std::string_view kReasoning = "ProbeOfTheReasoning";
constexpr std::string_view kTool = "probe_of_the_tool";
constexpr std::string_view kCalls[] = {"probe_of_a_call", "probe_of_another_call"};
constexpr std::string_view kCallIds[] = {"callprobe",
                                         "callother"};  // nine letters, which Mistral's insist on
constexpr std::string_view kResult = "ProbeOfTheResult";

ordered_json message(std::string_view role, const ordered_json& content) {
  return {{"role", role}, {"content", content}};
}

ordered_json tools() {
  const ordered_json city = {{"type", "string"}, {"description", "a city"}};
  const ordered_json parameters = {
      {"type", "object"}, {"properties", {{"city", city}}}, {"required", ordered_json::array({"city"})}};
  const ordered_json function = {
      {"name", kTool}, {"description", "tells the weather"}, {"parameters", parameters}};
  return ordered_json::array({{{"type", "function"}, {"function", function}}});
}

/// An assistant's message that says what it was thinking, under all the names that templates have for it.
ordered_json reasoned(ordered_json message) {
  for (const char* name : {"reasoning_content", "reasoning", "thinking"}) message[name] = kReasoning;
  return message;
}

/// A question, `count` calls with that content beside them, and their results.
ordered_json conversation_with_calls(size_t count, const ordered_json& content) {
  ordered_json asking = reasoned(message("assistant", content));
  ordered_json answers = ordered_json::array();
  for (size_t index = 0; index < count; ++index) {
    const ordered_json function = {{"name", kCalls[index]}, {"arguments", {{"city", "Rome"}}}};
    asking["tool_calls"].push_back({{"id", kCallIds[index]}, {"type", "function"}, {"function", function}});
    ordered_json answer = message("tool", kResult);
    answer["tool_call_id"] = kCallIds[index];
    answer["name"] = kCalls[index];
    answers.push_back(answer);
  }
  ordered_json conversation = ordered_json::array({message("user", kQuestion), asking});
  conversation.insert(conversation.end(), answers.begin(), answers.end());
  return conversation;
}

/// The conversation with the texts of that role, or of all roles if it is "", as lists of one part.
ordered_json with_parts(ordered_json messages, std::string_view role) {
  for (ordered_json& message : messages) {
    const auto* text = message["content"].get_ptr<const std::string*>();
    if (text != nullptr && (role.empty() || message["role"] == role)) message["content"] = as_parts(*text);
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
    if (!is_shown(question)) return TemplateCapabilities();
    const ordered_json instructed =
        ordered_json::array({message("system", kSystem), message("user", kQuestion)});
    const std::string prompt = render(instructed);
    found_.system = shows(prompt, kSystem) && shows(prompt, kQuestion);
    offered_ = tools();
    found_.tools = shows(render(question), kTool);
    if (!found_.tools) offered_ = nullptr;
    try_calls();
    const ordered_json answered =
        ordered_json::array({message("user", kQuestion), reasoned(message("assistant", kAnswer))});
    found_.reasoning = found_.reasoning || shows(render(answered), kReasoning);

    try_parts("user", question);
    // Whoever takes no parts of users takes none of others either.
    if (!found_.takes_parts("user")) return found_;
    try_parts("system", instructed);
    try_parts("assistant", answered);
    try_parts("tool", conversation_with_calls(1, ""));
    return found_;
  }

 private:
  std::string render(const ordered_json& messages) const {
    return render_(found_.only_parts ? with_parts(messages, "") : messages, offered_);
  }

  /// Whether the template shows a question, if need be in parts, or, being one for tool use, with tools.
  bool is_shown(const ordered_json& question) {
    for (const ordered_json& offered : {ordered_json(), tools()}) {
      offered_ = offered;
      for (const bool only_parts : {false, true}) {
        found_.only_parts = only_parts;
        if (shows(render(question), kQuestion)) return true;
      }
    }
    return false;
  }

  /// Some templates refuse several calls at once; some show calls only where the content is null, which
  /// others refuse.
  void try_calls() {
    found_.calls = found_.parallel_calls = found_.results = false;
    for (const size_t count : {2, 1}) {
      for (const ordered_json& content : {ordered_json(""), ordered_json()}) {
        const std::string prompt = render(conversation_with_calls(count, content));
        found_.results = found_.results || shows(prompt, kResult);
        if (!shows(prompt, kCalls[0])) continue;
        found_.calls = true;
        found_.calls_without_content = content.is_null();
        found_.parallel_calls = shows(prompt, kCalls[1]);
        found_.reasoning = shows(prompt, kReasoning);
        return;
      }
    }
  }

  /// A role takes parts if they give the prompt that a text gives: some templates print the list.
  void try_parts(const char* role, const ordered_json& conversation) {
    const std::string prompt = render(conversation);
    if (!prompt.empty() && render(with_parts(conversation, role)) == prompt) {
      found_.roles_with_parts.emplace(role);
    }
  }

  const RenderProbe& render_;
  ordered_json offered_;  // tools that go with the conversations, or null
  TemplateCapabilities found_;
};

}  // namespace

ordered_json to_json(const TemplateCapabilities& capabilities) {
  return {{"system", capabilities.system},
          {"tools", capabilities.tools},
          {"parts", capabilities.takes_parts("user")},
          {"reasoning", capabilities.reasoning},
          {"parallelCalls", capabilities.parallel_calls}};
}

TemplateCapabilities find_capabilities(const RenderProbe& render) { return Inquiry(render).find(); }

}  // namespace hearth
