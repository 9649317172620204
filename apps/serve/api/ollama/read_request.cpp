#include "apps/serve/api/ollama/read_request.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <utility>

#include "apps/serve/api/option_members.h"
#include "apps/serve/api/reasoning.h"
#include "apps/serve/refusal.h"

namespace hearth::serve::ollama {

using nlohmann::ordered_json;

namespace {

constexpr int64_t kMostTopLogprobs = 20;

/// -1 is no limit, and -2 a full context: here the same.
ordered_json limit_of(const ordered_json& given) {
  if (!given.is_number_integer()) return given;
  const auto tokens = given.get<int64_t>();
  return tokens < 0 ? ordered_json(-1) : ordered_json(std::max<int64_t>(tokens, 1));
}

constexpr OptionMember kOptions[] = {{"num_predict", "maxTokens", limit_of}, {"num_keep", "keepTokens"}};

[[noreturn]] void refuse_unsupported(const std::string& path, std::string_view why) {
  throw Refusal(400, ErrorCode::kUnsupported, fmt::format("{}: {}", path, why)).about(path);
}

void refuse_images(const Members& members) {
  if (!members.array("images").empty()) {
    refuse_unsupported(members.path_of("images"), "can't be shown to the model: send text");
  }
}

/// "json", or a JSON schema.
void read_format(const Members& body, ordered_json& options) {
  const ordered_json& format = body["format"];
  if (format.is_null() || (format.is_string() && format.get_ref<const std::string&>().empty())) return;
  if (format == "json") {
    options["jsonSchema"] = {{"type", "object"}};
  } else if (format.is_object()) {
    options["jsonSchema"] = format;
  } else {
    body.refuse("format", fmt::format("must be \"json\" or a JSON schema, not {}", shown(format)));
  }
}

/// true, false, or how much.
void read_think(const Members& body, TextRequest& request) {
  const ordered_json& think = body["think"];
  if (think.is_string()) {
    set_reasoning_effort(body.text("think"), "think", request.chat, request.options);
  } else if (body.has("think")) {
    const bool thinks = body.flag("think", true);
    request.chat["variables"]["enable_thinking"] = thinks;
    if (!thinks) request.options["reasoningBudget"] = 0;
  }
}

void read_logprobs(const Members& body, ordered_json& options) {
  const int64_t top = body.integer("top_logprobs", 0, kMostTopLogprobs, 0);
  if (body.flag("logprobs", false)) options["logprobs"] = top;
}

void read_text_options(const Members& body, TextRequest& request) {
  static_cast<ModelRequest&>(request) = read_model_request(body);
  request.stream = body.flag("stream", true);
  read_options(body.object("options"), kCommonOptions, request.options);
  read_options(body.object("options"), kOptions, request.options);
  read_format(body, request.options);
  read_logprobs(body, request.options);
}

std::vector<int32_t> read_context(const Members& body) {
  std::vector<int32_t> tokens;
  for (const ordered_json& token : body.array("context")) {
    if (!token.is_number_unsigned() || token.get<uint64_t>() > INT32_MAX) {
      body.refuse("context", fmt::format("must have tokens, not {}", shown(token)));
    }
    tokens.push_back(token.get<int32_t>());
  }
  return tokens;
}

/// Templates want an id for each call, which Ollama's clients need not send. Results belong to the calls
/// before them, in their order.
class CallIds {
 public:
  std::string of_call(const Members& call) {
    std::string id = call.text("id");
    if (id.empty()) id = fmt::format("call{:05}", count_);
    ++count_;
    open_.push_back(id);
    return id;
  }
  std::string of_result(const Members& message) {
    std::string id = message.text("tool_call_id");
    if (id.empty() && !open_.empty()) id = open_.front();
    if (!open_.empty()) open_.pop_front();
    return id;
  }

 private:
  size_t count_ = 0;
  std::deque<std::string> open_;
};

ordered_json calls_of(const Members& message, CallIds& ids) {
  ordered_json calls = ordered_json::array();
  const ordered_json& given = message.array("tool_calls");
  for (size_t i = 0; i < given.size(); ++i) {
    const std::string path = fmt::format("{}[{}]", message.path_of("tool_calls"), i);
    if (!given[i].is_object()) refuse_param(path, fmt::format("must be an object, not {}", shown(given[i])));
    const Members call(given[i], path);
    const Members function = call.object("function");
    const ordered_json called = {{"name", function.text("name")},
                                 {"arguments", function.object("arguments").json()}};
    calls.push_back({{"id", ids.of_call(call)}, {"type", "function"}, {"function", called}});
  }
  return calls;
}

ordered_json message_of(const Members& given, CallIds& ids) {
  const std::string role = given.text("role");
  if (role != "system" && role != "user" && role != "assistant" && role != "tool") {
    given.refuse("role", "must be \"system\", \"user\", \"assistant\" or \"tool\"");
  }
  refuse_images(given);
  ordered_json message = {{"role", role}, {"content", given.text("content")}};
  if (given.has("thinking")) message["reasoning_content"] = given.text("thinking");
  ordered_json calls = calls_of(given, ids);
  if (!calls.empty()) message["tool_calls"] = std::move(calls);
  if (role == "tool") {
    message["tool_call_id"] = ids.of_result(given);
    if (given.has("tool_name")) message["name"] = given.text("tool_name");
  }
  return message;
}

ordered_json messages_of(const Members& body) {
  ordered_json messages = ordered_json::array();
  CallIds ids;
  const ordered_json& given = body.array("messages");
  for (size_t i = 0; i < given.size(); ++i) {
    const std::string path = fmt::format("messages[{}]", i);
    if (!given[i].is_object()) refuse_param(path, fmt::format("must be an object, not {}", shown(given[i])));
    messages.push_back(message_of(Members(given[i], path), ids));
  }
  return messages;
}

}  // namespace

std::string read_model_name(const Members& body) {
  std::string name = body.has("model") ? body.text("model") : body.text("name");
  if (name.empty()) body.refuse("model", "is missing");
  return name;
}

ModelRequest read_model_request(const Members& body) {
  ModelRequest request;
  request.model = read_model_name(body);
  const ordered_json& given = body["keep_alive"];
  if (given.is_null()) return request;
  request.keep_alive = parse_duration(given.is_string() ? body.text("keep_alive") : shown(given));
  if (!request.keep_alive) {
    body.refuse("keep_alive",
                fmt::format("must be a number of seconds or a time such as \"5m\", not {}", shown(given)));
  }
  return request;
}

TextRequest read_generate(const ordered_json& json) {
  const Members body(json);
  TextRequest request;
  read_text_options(body, request);
  refuse_images(body);
  if (!body.text("template").empty()) {
    refuse_unsupported("template", "is the model's own here; with 'raw' the prompt is taken as it is");
  }
  request.prompt = body.text("prompt");
  request.suffix = body.text("suffix");
  request.context = read_context(body);
  request.asks = !request.prompt.empty() || !request.suffix.empty();
  if (body.flag("raw", false) || !request.suffix.empty()) return request;
  ordered_json& messages = request.chat["messages"] = ordered_json::array();
  const std::string system = body.text("system");
  if (!system.empty()) messages.push_back({{"role", "system"}, {"content", system}});
  messages.push_back({{"role", "user"}, {"content", request.prompt}});
  read_think(body, request);
  return request;
}

TextRequest read_chat(const ordered_json& json) {
  const Members body(json);
  TextRequest request;
  read_text_options(body, request);
  request.chat["messages"] = messages_of(body);
  request.asks = !request.chat["messages"].empty();
  const ordered_json& tools = body.array("tools");
  if (!tools.empty()) request.chat["tools"] = tools;
  read_think(body, request);
  return request;
}

}  // namespace hearth::serve::ollama
