// Actions of models. Their parameters are called as OpenAI's API and The Edge Agent call them, or as Hearth's
// own options (docs/options.md); the host is asked in Hearth's own.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "engine/text/json_text.h"
#include "engine/workflow/actions/parameters.h"
#include "engine/workflow/actions/tables.h"

namespace hearth::workflow {
namespace {

using Json = nlohmann::ordered_json;

/// Options of generation by other names.
const std::map<std::string_view, std::string_view> kOptionNames = {{"max_tokens", "maxTokens"},
                                                                   {"max_completion_tokens", "maxTokens"},
                                                                   {"top_p", "topP"},
                                                                   {"top_k", "topK"},
                                                                   {"min_p", "minP"},
                                                                   {"repeat_penalty", "repetitionPenalty"},
                                                                   {"presence_penalty", "presencePenalty"},
                                                                   {"frequency_penalty", "frequencyPenalty"},
                                                                   {"json_schema", "jsonSchema"},
                                                                   {"schema", "jsonSchema"}};

/// What other engines are told of where a model runs, which here it does by itself.
constexpr std::string_view kPassedOver[] = {"backend",      "provider",   "api_base", "api_key",
                                            "n_gpu_layers", "model_path", "n_ctx",    "n_threads",
                                            "max_retries",  "opik_trace", "stream",   "timeout"};

constexpr std::string_view kOwn[] = {"model", "messages", "prompt", "system", "response_format"};

bool is_one_of(std::span<const std::string_view> names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// response_format, as OpenAI's API has it.
Result<void> take_format(const Json& format, Json& options) {
  const std::string type = format.is_object() ? format.value("type", "") : "";
  if (type == "text") return {};
  if (type == "json_object") {
    options["jsonSchema"] = {{"type", "object"}};
    return {};
  }
  const auto schema = format.find("json_schema");
  if (type != "json_schema" || schema == format.end() || !schema->is_object()) {
    return Error{
        ErrorCode::kInvalidArgument,
        "response_format is {type: text}, {type: json_object} or {type: json_schema, json_schema: ...}"};
  }
  options["jsonSchema"] = schema->contains("schema") ? (*schema)["schema"] : *schema;
  return {};
}

/// The node's own parameters over those of settings.llm.
Json with_settings(const Json& parameters, const ActionContext& context) {
  Json all = context.llm.is_object() ? context.llm : Json::object();
  all.update(parameters);
  return all;
}

Result<Json> conversation(const Parameters& given) {
  if (const Json* messages = given.find({"messages"})) {
    if (!messages->is_array())
      return Error{ErrorCode::kInvalidArgument, "the parameter 'messages' must be a list"};
    return *messages;
  }
  Json messages = Json::array();
  HEARTH_ASSIGN(const std::string system, given.text_or({"system", "system_prompt"}, ""));
  if (!system.empty()) messages.push_back({{"role", "system"}, {"content", system}});
  HEARTH_ASSIGN(const Json* prompt, given.value({"prompt", "message", "text"}));
  // A value that is no text is shown to the model as JSON.
  messages.push_back({{"role", "user"},
                      {"content", prompt->is_string() ? prompt->get<std::string>() : write_json(*prompt)}});
  return messages;
}

Result<Call> generation(const Json& parameters, const ActionContext& context) {
  const Json all = with_settings(parameters, context);
  const Parameters given(all);
  HEARTH_ASSIGN(Json messages, conversation(given));
  Json options = Json::object();
  for (auto entry = all.begin(); entry != all.end(); ++entry) {
    const std::string& name = entry.key();
    if (is_one_of(kPassedOver, name) || is_one_of(kOwn, name) || name == "system_prompt" ||
        name == "message" || name == "text")
      continue;
    const auto other = kOptionNames.find(name);
    options[other == kOptionNames.end() ? name : std::string(other->second)] = entry.value();
  }
  if (const Json* format = given.find({"response_format"})) HEARTH_TRY(take_format(*format, options));
  HEARTH_ASSIGN(const std::string model, given.text_or({"model"}, ""));
  return Call{"generate",
              {{"model", model}, {"messages", std::move(messages)}, {"options", std::move(options)}}};
}

Json usage_of(const Json& answer) {
  const Json usage = answer.value("usage", Json::object());
  const int64_t prompt = usage.value("promptTokens", int64_t{0});
  const int64_t completion = usage.value("completionTokens", int64_t{0});
  return {
      {"prompt_tokens", prompt}, {"completion_tokens", completion}, {"total_tokens", prompt + completion}};
}

Result<Step> call(const Json& parameters, const ActionContext& context) {
  HEARTH_ASSIGN(Call call, generation(parameters, context));
  return Step(std::move(call));
}

/// {content, model, usage, finish_reason, ...} of what the host answered.
Json reply(const Json& answer) {
  Json result = {{"content", answer.value("text", "")},
                 {"model", answer.value("model", "")},
                 {"backend", "local"},
                 {"finish_reason", answer.value("finishReason", "")},
                 {"usage", usage_of(answer)}};
  for (const auto& [ours, theirs] : {std::pair{"reasoning", "reasoning"}, {"toolCalls", "tool_calls"}}) {
    if (answer.contains(ours) && !answer[ours].empty()) result[theirs] = answer[ours];
  }
  return result;
}

Result<Step> called(const Json& /*carried*/, Json answer, const ActionContext& /*context*/) {
  return Step(reply(answer));
}

/// llm.json: an answer held to `schema`, and read.
Result<Step> json(const Json& parameters, const ActionContext& context) {
  HEARTH_TRY(Parameters(parameters).value({"schema", "json_schema", "jsonSchema"}));
  return call(parameters, context);
}

Result<Step> json_called(const Json& /*carried*/, Json answer, const ActionContext& /*context*/) {
  Json result = reply(answer);
  HEARTH_ASSIGN(result["data"],
                parse_json(result["content"].get_ref<const std::string&>(), "the model's answer"));
  return Step(std::move(result));
}

/// llm.classify: one of `choices`, by a grammar that allows nothing else.
Result<Step> classify(const Json& parameters, const ActionContext& context) {
  Json asked = parameters;
  HEARTH_ASSIGN(const Json* choices, Parameters(parameters).value({"choices", "labels", "classes"}));
  if (!choices->is_array() || choices->empty())
    return Error{ErrorCode::kInvalidArgument, "the parameter 'choices' must be a list of texts"};
  asked["choices"] = *choices;
  asked.erase("labels");
  asked.erase("classes");
  if (!asked.contains("system") && !asked.contains("messages")) {
    std::string listed;
    for (const Json& choice : *choices) {
      if (!choice.is_string())
        return Error{ErrorCode::kInvalidArgument, "the parameter 'choices' must be a list of texts"};
      listed += (listed.empty() ? "" : ", ") + choice.get<std::string>();
    }
    asked["system"] = fmt::format("Answer with the one of these that fits the text best: {}.", listed);
  }
  return call(asked, context);
}

Result<Step> classified(const Json& /*carried*/, Json answer, const ActionContext& /*context*/) {
  Json result = reply(answer);
  result["label"] = result["content"];
  return Step(std::move(result));
}

/// llm.embed: {text} or {texts}
Result<Step> embed(const Json& parameters, const ActionContext& context) {
  const Json all = with_settings(parameters, context);
  const Parameters given(all);
  HEARTH_ASSIGN(const Json* text, given.value({"text", "texts", "input"}));
  HEARTH_ASSIGN(const std::string model, given.text_or({"model"}, ""));
  const Json texts = text->is_array() ? *text : Json::array({*text});
  return Step(Call{"embed", {{"model", model}, {"texts", texts}}, text->is_array()});
}

Result<Step> embedded(const Json& carried, Json answer, const ActionContext& /*context*/) {
  const auto vectors = answer.find("embeddings");
  if (vectors == answer.end() || !vectors->is_array() || vectors->empty()) {
    return Error{ErrorCode::kInternal, "the host gave no embeddings"};
  }
  Json result = {{"model", answer.value("model", "")},
                 {"dimensions", vectors->front().size()},
                 {"usage", usage_of(answer)}};
  if (carried == true) {
    result["embeddings"] = std::move(*vectors);
  } else {
    result["embedding"] = std::move(vectors->front());
  }
  return Step(std::move(result));
}

/// llm.rerank: {query, documents, top_n}
Result<Step> rerank(const Json& parameters, const ActionContext& context) {
  const Json all = with_settings(parameters, context);
  const Parameters given(all);
  HEARTH_ASSIGN(const std::string query, given.text({"query"}));
  HEARTH_ASSIGN(const Json* documents, given.value({"documents", "texts"}));
  HEARTH_ASSIGN(const std::string model, given.text_or({"model"}, ""));
  HEARTH_ASSIGN(const int64_t top_n, given.whole_or({"top_n"}, 0));
  return Step(Call{"rerank",
                   {{"model", model}, {"query", query}, {"documents", *documents}},
                   {{"top_n", top_n}, {"documents", *documents}}});
}

Result<Step> reranked(const Json& carried, Json answer, const ActionContext& /*context*/) {
  Json results = Json::array();
  const Json scores = answer.value("scores", Json::array());
  for (size_t i = 0; i < scores.size() && i < carried["documents"].size(); ++i) {
    results.push_back({{"index", i}, {"score", scores[i]}, {"document", carried["documents"][i]}});
  }
  std::stable_sort(results.begin(), results.end(),
                   [](const Json& a, const Json& b) { return a["score"] > b["score"]; });
  const auto top_n = carried["top_n"].get<size_t>();
  if (top_n > 0 && top_n < results.size())
    results.erase(results.begin() + static_cast<std::ptrdiff_t>(top_n), results.end());
  return Step(Json{{"results", std::move(results)}, {"usage", usage_of(answer)}});
}

/// llm.tokenize: {text}
Result<Step> tokenize(const Json& parameters, const ActionContext& context) {
  const Json all = with_settings(parameters, context);
  const Parameters given(all);
  HEARTH_ASSIGN(const std::string text, given.text({"text", "prompt"}));
  HEARTH_ASSIGN(const std::string model, given.text_or({"model"}, ""));
  return Step(Call{"tokenize", {{"model", model}, {"text", text}}});
}

Result<Step> tokenized(const Json& /*carried*/, Json answer, const ActionContext& /*context*/) {
  const Json tokens = answer.value("tokens", Json::array());
  return Step(Json{{"tokens", tokens}, {"count", tokens.size()}});
}

constexpr Action kLlmActions[] = {
    {"llm.call", call, called},
    {"llm.chat", call, called},
    {"llm.stream", call, called},
    {"llm.json", json, json_called},
    {"llm.classify", classify, classified},
    {"llm.embed", embed, embedded},
    {"llm.rerank", rerank, reranked},
    {"llm.tokenize", tokenize, tokenized},
};

}  // namespace

std::span<const Action> llm_actions() { return kLlmActions; }

}  // namespace hearth::workflow
