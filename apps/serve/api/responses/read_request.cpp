#include "apps/serve/api/responses/read_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "apps/serve/api/openai/chat_messages.h"
#include "apps/serve/api/option_members.h"
#include "apps/serve/api/reasoning.h"
#include "apps/serve/refusal.h"

namespace hearth::serve::responses {

using nlohmann::ordered_json;

namespace {

constexpr int64_t kMostTopLogprobs = 20;
constexpr size_t kMostMetadata = 16;

void refuse_what_there_is_not(const Members& body) {
  if (body.flag("background", false)) {
    throw Refusal(400, ErrorCode::kUnsupported,
                  "background: a response is not written without its client here; use 'stream'")
        .about("background");
  }
  for (const std::string_view name : {"conversation", "prompt"}) {
    if (!body.has(name)) continue;
    throw Refusal(400, ErrorCode::kUnsupported,
                  fmt::format("{}: is kept by OpenAI alone; send 'input', with 'previous_response_id' for "
                              "what was before",
                              name))
        .about(std::string(name));
  }
}

/// A function as chat completions have it: {"type": "function", "name": ...} wrapped.
ordered_json wrapped_function(const Members& tool) {
  const std::string type = tool.text("type");
  if (type != "function") {
    throw Refusal(400, ErrorCode::kUnsupported,
                  fmt::format("{}: '{}' is a tool that OpenAI runs; here tools are functions that you run",
                              tool.path_of("type"), type))
        .about(tool.path_of("type"));
  }
  ordered_json function = {{"name", tool.text("name")}};
  for (const std::string_view name : {"description", "parameters"}) {
    if (tool.has(name)) function[std::string(name)] = tool[name];
  }
  if (tool.flag("strict", false)) function["strict"] = true;
  return {{"type", "function"}, {"function", std::move(function)}};
}

ordered_json wrapped_functions(const Members& members) {
  ordered_json tools = ordered_json::array();
  const ordered_json& given = members.array("tools");
  for (size_t i = 0; i < given.size(); ++i) {
    const std::string path = fmt::format("{}[{}]", members.path_of("tools"), i);
    if (!given[i].is_object()) refuse_param(path, fmt::format("must be an object, not {}", shown(given[i])));
    tools.push_back(wrapped_function(Members(given[i], path)));
  }
  return tools;
}

/// Tools and their choice, which chat completions have in another form.
void read_tools_of(const Members& body, ResponsesRequest& request) {
  ordered_json given = {{"tools", wrapped_functions(body)}, {"tool_choice", body["tool_choice"]}};
  ordered_json& choice = given["tool_choice"];
  if (choice.is_object()) {
    const Members chosen = body.object("tool_choice");
    const std::string type = chosen.text("type");
    if (type == "allowed_tools") {
      choice["tools"] = wrapped_functions(chosen);
    } else if (type != "function") {
      chosen.refuse("type", fmt::format("must be \"function\" or \"allowed_tools\", not \"{}\"", type));
    }
  }
  openai::read_tools(Members(given), request.chat);
  request.one_call = !body.flag("parallel_tool_calls", true);
}

void read_format(const Members& body, ResponsesRequest& request) {
  const Members format = body.object("text").object("format");
  const std::string type = format.text("type", "text");
  if (type == "json_object") {
    request.options["jsonSchema"] = {{"type", "object"}};
  } else if (type == "json_schema") {
    if (!format.has("schema")) format.refuse("schema", "is missing");
    request.options["jsonSchema"] = format.object("schema").json();
  } else if (type != "text") {
    format.refuse("type", fmt::format("must be text, json_schema or json_object, not {}", shown(type)));
  }
}

void read_reasoning(const Members& body, ResponsesRequest& request) {
  const Members reasoning = body.object("reasoning");
  if (reasoning.has("effort")) {
    set_reasoning_effort(reasoning.text("effort"), reasoning.path_of("effort"), request.chat,
                         request.options);
  }
  const std::string summary = reasoning.text("summary", reasoning.text("generate_summary"));
  if (!summary.empty() && summary != "auto" && summary != "concise" && summary != "detailed") {
    reasoning.refuse("summary", "must be \"auto\", \"concise\" or \"detailed\"");
  }
  request.summarizes = !summary.empty();
}

void read_generating(const Members& body, ResponsesRequest& request) {
  static constexpr OptionMember kLimit[] = {{"max_output_tokens", "maxTokens"}};
  read_options(body, kCommonOptions, request.options);
  (void)body.integer("max_output_tokens", 1, INT32_MAX, 1);
  read_options(body, kLimit, request.options);
  const int64_t top = body.integer("top_logprobs", 0, kMostTopLogprobs, 0);
  const ordered_json& include = body.array("include");
  if (std::find(include.begin(), include.end(), "message.output_text.logprobs") != include.end()) {
    request.options["logprobs"] = top;
  } else if (top > 0) {
    body.refuse("top_logprobs", "needs 'message.output_text.logprobs' in 'include'");
  }
  const std::string truncation = body.text("truncation", "disabled");
  if (truncation != "auto" && truncation != "disabled") {
    body.refuse("truncation", "must be \"auto\" or \"disabled\"");
  }
  request.truncates = truncation == "auto";
}

ordered_json told_metadata(const Members& body) {
  const ordered_json& metadata = body.object("metadata").json();
  if (metadata.size() > kMostMetadata) {
    body.refuse("metadata", fmt::format("has {} members; {} are the most", metadata.size(), kMostMetadata));
  }
  for (const auto& [name, value] : metadata.items()) (void)body.object("metadata").text(name);
  return metadata;
}

ordered_json given_or(const Members& body, std::string_view name, const ordered_json& otherwise) {
  return body.has(name) ? body[name] : otherwise;
}

ordered_json told_of(const Members& body) {
  const Members reasoning = body.object("reasoning");
  const ordered_json plain = {{"format", {{"type", "text"}}}};
  return {{"instructions", body["instructions"]},
          {"max_output_tokens", body["max_output_tokens"]},
          {"metadata", told_metadata(body)},
          {"parallel_tool_calls", body.flag("parallel_tool_calls", true)},
          {"previous_response_id", body["previous_response_id"]},
          {"prompt_cache_key", body["prompt_cache_key"]},
          {"reasoning", {{"effort", reasoning["effort"]}, {"summary", reasoning["summary"]}}},
          {"safety_identifier", body["safety_identifier"]},
          {"service_tier", "default"},
          {"store", body.flag("store", true)},
          {"temperature", body["temperature"]},
          {"text", given_or(body, "text", plain)},
          {"tool_choice", given_or(body, "tool_choice", "auto")},
          {"tools", body.array("tools")},
          {"top_logprobs", given_or(body, "top_logprobs", 0)},
          {"top_p", body["top_p"]},
          {"truncation", body.text("truncation", "disabled")},
          {"user", body["user"]}};
}

void read_conversation(const Members& body, const Turns& before, const FindItem& find_item,
                       ResponsesRequest& request) {
  Conversation conversation;
  const std::string instructions = body.text("instructions");
  if (!instructions.empty()) conversation.add("system", instructions);
  for (const auto& turn : before) {
    add_items(turn->input, "input", conversation);
    add_items(turn->response["output"], "output", conversation);
  }
  request.input = read_input(body, find_item);
  add_items(request.input, "input", conversation);
  request.chat["messages"] = conversation.messages();
}

}  // namespace

ResponsesRequest read_request(const ordered_json& json, const Turns& before, const FindItem& find_item) {
  const Members body(json);
  ResponsesRequest request;
  request.model = body.text("model");
  refuse_what_there_is_not(body);
  read_conversation(body, before, find_item, request);
  read_tools_of(body, request);
  read_format(body, request);
  read_generating(body, request);
  read_reasoning(body, request);
  request.stream = body.flag("stream", false);
  request.stores = body.flag("store", true);
  request.told = told_of(body);
  return request;
}

}  // namespace hearth::serve::responses
