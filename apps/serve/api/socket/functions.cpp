#include "apps/serve/api/socket/functions.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "apps/serve/api/answer_parts.h"
#include "apps/serve/api/members.h"
#include "apps/serve/api/option_members.h"
#include "apps/serve/api/socket/pipeline.h"
#include "apps/serve/refusal.h"

namespace hearth::serve::socket {

using nlohmann::ordered_json;

namespace {

using Model = std::unique_ptr<ModelUse>;

Awaitable<Model> model_of(Session& session, const SocketRequest& request) {
  const std::string name = Members(request.params, "params").text("model");
  return use_model_for(session.service(), request.record, name, request.tenant);
}

/// What the parameters say beside the options of generating.
constexpr std::string_view kNoOptions[] = {
    "model", "prompt",        "messages",          "system", "tools", "toolChoice",
    "raw",   "keepReasoning", "templateVariables", "stream"};

/// Options by the engine's names (docs/options.md) or OpenAI's.
ordered_json options_of(const ordered_json& params) {
  ordered_json options = ordered_json::object();
  read_options(Members(params, "params"), kCommonOptions, options);
  for (const auto& [name, value] : params.items()) {
    const auto is_name = [&name = name](std::string_view known) { return known == name; };
    const bool is_translated =
        std::any_of(kCommonOptions.begin(), kCommonOptions.end(),
                    [&name = name](const OptionMember& member) { return member.name == name; });
    if (!is_translated && std::none_of(std::begin(kNoOptions), std::end(kNoOptions), is_name))
      options[name] = value;
  }
  return options;
}

ordered_json conversation_of(const Members& params) {
  ordered_json messages = ordered_json::array();
  if (params.has("system")) messages.push_back({{"role", "system"}, {"content", params.text("system")}});
  if (params.has("prompt")) {
    messages.push_back({{"role", "user"}, {"content", params.text("prompt")}});
  } else {
    for (const ordered_json& message : params.array("messages")) messages.push_back(message);
  }
  ordered_json chat = {{"messages", std::move(messages)}};
  for (const std::string_view name : {"tools", "toolChoice", "keepReasoning"}) {
    if (params.has(name)) chat[std::string(name)] = params[name];
  }
  if (params.has("templateVariables")) chat["variables"] = params["templateVariables"];
  return chat;
}

ordered_json calls_json(const std::vector<CallPart>& calls) {
  ordered_json list = ordered_json::array();
  for (const CallPart& call : calls) {
    ordered_json each = {{"index", call.index}};
    if (!call.name.empty()) each.update({{"id", call.id}, {"name", call.name}});
    each["arguments"] = call.arguments;
    list.push_back(std::move(each));
  }
  return list;
}

ordered_json part_json(const AnswerPart& part) {
  ordered_json json = {{"text", part.text}};
  if (!part.reasoning.empty()) json["reasoning"] = part.reasoning;
  if (!part.calls.empty()) json["toolCalls"] = calls_json(part.calls);
  if (!part.logprobs.empty()) json["logprobs"] = part.logprobs;
  return json;
}

/// The whole answer, by the names that Hearth's own packages have.
ordered_json whole_json(const AnswerPart& whole, const std::string& model) {
  const AnswerFigures& figures = whole.figures;
  ordered_json json = part_json(whole);
  json["finishReason"] = hearth_finish_reason_name(whole.finish);
  json["model"] = model;
  json["usage"] = {{"promptTokens", figures.prompt_tokens},
                   {"cachedTokens", figures.cached_tokens},
                   {"completionTokens", figures.completion_tokens}};
  json["timings"] = {
      {"queuedMs", figures.queued_ms}, {"prefillMs", figures.prefill_ms}, {"decodeMs", figures.decode_ms}};
  json["seed"] = figures.seed;
  return json;
}

Awaitable<std::unique_ptr<Answer>> begin_answer(ModelUse& model, const Members& params,
                                                ordered_json options) {
  if (params.flag("raw", false)) {
    std::vector<int32_t> tokens = co_await model.tokenize(params.text("prompt"), true, false);
    options["continuesText"] = true;
    co_return co_await model.answer(std::move(tokens), std::move(options));
  }
  co_return co_await model.answer_chat(conversation_of(params), std::move(options));
}

/// generate and chat, which differ in what they ask for.
Awaitable<ordered_json> answer(Session& session, const SocketRequest& request) {
  const Members params(request.params, "params");
  const char* needed = request.function->name == "chat" ? "messages" : "prompt";
  if (!params.has(needed) && !params.has("messages")) params.refuse(needed, "is missing");
  const bool streams = params.flag("stream", true);
  const Model model = co_await model_of(session, request);
  AnswerReader reader(co_await begin_answer(*model, params, options_of(request.params)));
  AnswerPart whole;
  while (!whole.ended()) {
    AnswerPart part = co_await reader.next();
    if (streams && part.says_something()) co_await session.send(request, "streaming", part_json(part));
    whole.append(std::move(part));
  }
  co_return whole_json(whole, model->id());
}

Awaitable<ordered_json> embed(Session& session, const SocketRequest& request) {
  const Members params(request.params, "params");
  const ordered_json& given = params.has("texts") ? params["texts"] : params["input"];
  const ordered_json texts = given.is_string() ? ordered_json::array({given}) : given;
  if (!texts.is_array() || texts.empty()) params.refuse("texts", "must be a text or a list of texts");
  ordered_json options = request.params;
  for (const char* name : {"model", "texts", "input"}) options.erase(name);
  const Model model = co_await model_of(session, request);
  ordered_json arguments = ordered_json::array({texts, options});
  const Reply reply = co_await model->call("embed", std::move(arguments));
  const std::vector<float> values = reply.floats();
  const size_t size = values.size() / texts.size();
  ordered_json embeddings = ordered_json::array();
  for (size_t text = 0; text < texts.size(); ++text) {
    embeddings.push_back(std::vector<float>(values.begin() + static_cast<ptrdiff_t>(text * size),
                                            values.begin() + static_cast<ptrdiff_t>((text + 1) * size)));
  }
  co_return ordered_json{{"embeddings", std::move(embeddings)}, {"model", model->id()}};
}

Awaitable<ordered_json> tokenize(Session& session, const SocketRequest& request) {
  const Members params(request.params, "params");
  if (!params.has("text")) params.refuse("text", "is missing");
  const Model model = co_await model_of(session, request);
  const std::vector<int32_t> tokens = co_await model->tokenize(params.text("text"), false, false);
  co_return ordered_json{{"tokens", tokens}, {"count", tokens.size()}, {"model", model->id()}};
}

Awaitable<ordered_json> models(Session& session, const SocketRequest& request) {
  const std::vector<Models::State> states = co_await session.service().models.list();
  ordered_json list = ordered_json::array();
  for (const Models::State& state : states) {
    if (!may_see_model(*request.record, state.description->name)) continue;
    list.push_back(
        {{"id", state.description->name}, {"loaded", state.model != nullptr}, {"active", state.active}});
  }
  co_return ordered_json{{"models", std::move(list)}};
}

Awaitable<ordered_json> health(Session& session, const SocketRequest& /*request*/) {
  const size_t loaded = session.service().models.loaded().size();
  co_return ordered_json{{"status", "ok"}, {"version", hearth_version()}, {"modelsLoaded", loaded}};
}

Awaitable<ordered_json> metadata(Session& session, const SocketRequest& request) {
  const Model model = co_await model_of(session, request);
  co_return model->info();
}

Awaitable<ordered_json> cancel(Session& session, const SocketRequest& request) {
  const Members params(request.params, "params");
  if (!params.has("id")) params.refuse("id", "is missing: that of the request to cancel");
  if (params["id"] == request.id) params.refuse("id", "is that of this request");
  co_return ordered_json{{"cancelled", session.cancel(params["id"])}};
}

constexpr Function kFunctions[] = {
    {"generate", true, answer},   {"chat", true, answer},       {"embed", true, embed},
    {"tokenize", true, tokenize}, {"models", false, models},    {"health", false, health},
    {"cancel", false, cancel},    {"metadata", true, metadata}, {"execute_pipeline", true, execute_pipeline},
};

}  // namespace

const Function& find_function(std::string_view name) {
  const auto* found = std::find_if(std::begin(kFunctions), std::end(kFunctions),
                                   [&](const Function& each) { return each.name == name; });
  if (found != std::end(kFunctions)) return *found;
  std::string names;
  for (const Function& each : kFunctions) names += fmt::format("{}{}", names.empty() ? "" : ", ", each.name);
  refuse_param("function", fmt::format("there is no '{}'; there is {}", name, names));
}

}  // namespace hearth::serve::socket
