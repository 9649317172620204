#include "apps/serve/api/anthropic/read_messages.h"

#include <fmt/format.h>

#include <utility>

#include "apps/serve/api/conversation.h"
#include "apps/serve/api/members.h"
#include "apps/serve/api/option_members.h"
#include "apps/serve/refusal.h"

namespace hearth::serve::anthropic {

using nlohmann::ordered_json;

namespace {

/// Calls `take` with each object of a list: {"path.0": ..., "path.1": ...}.
template <typename Take>
void for_each_block(const ordered_json& list, const std::string& path, const Take& take) {
  for (size_t i = 0; i < list.size(); ++i) {
    std::string at = fmt::format("{}.{}", path, i);
    if (!list[i].is_object()) refuse_param(at, fmt::format("must be an object, not {}", shown(list[i])));
    take(Members(list[i], std::move(at)));
  }
}

[[noreturn]] void refuse_type(const Members& block, const std::string& type) {
  const bool unseen = type == "image" || type == "document";
  throw Refusal(400, ErrorCode::kUnsupported,
                fmt::format("{}: '{}' {}", block.path_of("type"), type,
                            unseen ? "can't be shown to the model: send text"
                                   : "is no type of block that stands here"));
}

/// A text, or the texts of a list of blocks, as they are; "" where it is missing.
std::string text_of(const Members& members, std::string_view name) {
  const ordered_json& given = members[name];
  if (!given.is_array()) return members.text(name);
  std::string text;
  for_each_block(given, members.path_of(name), [&](const Members& block) {
    const std::string type = block.text("type");
    if (type != "text") refuse_type(block, type);
    text += block.text("text");
  });
  return text;
}

/// Turns of one role in a row are one turn to the model.
constexpr std::string_view kBetweenTurns = "\n\n";

void read_user_blocks(const Members& message, Conversation& conversation) {
  std::string_view between = kBetweenTurns;
  for_each_block(message.array("content"), message.path_of("content"), [&](const Members& block) {
    const std::string type = block.text("type");
    if (type == "text") {
      conversation.extend("user", block.text("text"), between);
      between = "";
    } else if (type == "tool_result") {
      conversation.result(block.text("tool_use_id"), text_of(block, "content"));
    } else {
      refuse_type(block, type);
    }
  });
}

void read_assistant_blocks(const Members& message, Conversation& conversation) {
  std::string_view between = kBetweenTurns;
  for_each_block(message.array("content"), message.path_of("content"), [&](const Members& block) {
    const std::string type = block.text("type");
    if (type == "text") {
      conversation.extend("assistant", block.text("text"), between);
      between = "";
    } else if (type == "thinking") {
      conversation.think(block.text("thinking"));
    } else if (type == "tool_use") {
      conversation.call(block.text("id"), block.text("name"), block.object("input").json());
    } else if (type != "redacted_thinking") {
      refuse_type(block, type);
    }
  });
}

void read_message(const Members& message, Conversation& conversation) {
  const std::string role = message.text("role");
  if (role != "user" && role != "assistant") {
    message.refuse("role", "must be \"user\" or \"assistant\"; a system prompt is the request's 'system'");
  }
  if (!message.has("content")) message.refuse("content", "is missing");
  if (!message["content"].is_array()) {
    conversation.extend(role, message.text("content"), kBetweenTurns);
  } else if (role == "user") {
    read_user_blocks(message, conversation);
  } else {
    read_assistant_blocks(message, conversation);
  }
}

ordered_json read_tools(const Members& body) {
  ordered_json tools = ordered_json::array();
  for_each_block(body.array("tools"), "tools", [&](const Members& tool) {
    const std::string type = tool.text("type", "custom");
    if (type != "custom") {
      throw Refusal(
          400, ErrorCode::kUnsupported,
          fmt::format("{}: '{}' is a tool that Anthropic runs; here tools are those that you run, with "
                      "'name' and 'input_schema'",
                      tool.path_of("type"), type));
    }
    if (!tool.has("name")) tool.refuse("name", "is missing");
    ordered_json function = {{"name", tool.text("name")}};
    if (tool.has("description")) function["description"] = tool.text("description");
    function["parameters"] = tool.object("input_schema").json();
    if (tool.flag("strict", false)) function["strict"] = true;
    tools.push_back({{"type", "function"}, {"function", std::move(function)}});
  });
  return tools;
}

void read_tool_choice(const Members& body, MessagesRequest& request) {
  const Members choice = body.object("tool_choice");
  const std::string type = choice.text("type", "auto");
  if (type == "tool") {
    request.chat["toolChoice"] = choice.text("name");
  } else if (type == "any") {
    request.chat["toolChoice"] = "required";
  } else if (type == "none") {
    request.chat["toolChoice"] = "none";
  } else if (type != "auto") {
    choice.refuse("type", "must be \"auto\", \"any\", \"tool\" or \"none\"");
  }
  request.one_call = choice.flag("disable_parallel_tool_use", false);
}

/// Where nobody asks for thoughts there are none, as in Anthropic's own API.
void read_thinking(const Members& body, MessagesRequest& request) {
  const Members thinking = body.object("thinking");
  const std::string type = thinking.text("type", "disabled");
  request.chat["variables"]["enable_thinking"] = type != "disabled";
  if (type == "disabled") {
    request.options["reasoningBudget"] = 0;
  } else if (type == "enabled") {
    if (!thinking.has("budget_tokens")) thinking.refuse("budget_tokens", "is missing");
    request.options["reasoningBudget"] = thinking.integer("budget_tokens", 1, INT32_MAX, 1);
  } else if (type != "adaptive") {
    thinking.refuse("type", "must be \"enabled\", \"disabled\" or \"adaptive\"");
  }
}

void read_output_format(const Members& body, MessagesRequest& request) {
  const Members format = body.object("output_config").object("format");
  if (!format.has("type")) return;
  if (format.text("type") != "json_schema") format.refuse("type", "must be \"json_schema\"");
  request.options["jsonSchema"] = format.object("schema").json();
}

void read_options_of(const Members& body, MessagesRequest& request) {
  static constexpr OptionMember kOptions[] = {{"max_tokens", "maxTokens"},
                                              {"temperature", "temperature"},
                                              {"top_p", "topP"},
                                              {"top_k", "topK"},
                                              {"stop_sequences", "stop", without_empty}};
  if (!body.has("max_tokens")) body.refuse("max_tokens", "is missing: the most tokens of the answer");
  (void)body.integer("max_tokens", 1, INT32_MAX, 1);
  (void)body.array("stop_sequences");
  const ordered_json& temperature = body["temperature"];
  if (temperature.is_number() && temperature.get<double>() > 1) {
    body.refuse("temperature", fmt::format("must be a number from 0 to 1, not {}", shown(temperature)));
  }
  (void)body.object("metadata").text("user_id");
  read_options(body, kOptions, request.options);
}

}  // namespace

MessagesRequest read_counted(const ordered_json& json) {
  const Members body(json);
  MessagesRequest request;
  request.model = body.text("model");
  Conversation conversation;
  const std::string system = text_of(body, "system");
  if (!system.empty()) conversation.add("system", system);
  if (body.array("messages").empty()) body.refuse("messages", "must have at least one message");
  for_each_block(body.array("messages"), "messages",
                 [&](const Members& message) { read_message(message, conversation); });
  request.chat["messages"] = conversation.messages();
  if (ordered_json tools = read_tools(body); !tools.empty()) request.chat["tools"] = std::move(tools);
  read_tool_choice(body, request);
  read_thinking(body, request);
  return request;
}

MessagesRequest read_messages(const ordered_json& json) {
  MessagesRequest request = read_counted(json);
  const Members body(json);
  request.stream = body.flag("stream", false);
  read_options_of(body, request);
  read_output_format(body, request);
  return request;
}

}  // namespace hearth::serve::anthropic
