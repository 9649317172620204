// Actions of models.
#include <fmt/format.h>

#include <algorithm>

#include "engine/text/json_text.h"
#include "engine/workflow/actions/answers.h"
#include "engine/workflow/actions/generation.h"
#include "engine/workflow/actions/parameters.h"
#include "engine/workflow/actions/tables.h"

namespace hearth::workflow {
using Json = nlohmann::ordered_json;

namespace {

Result<Step> call(const Json& parameters, const ActionContext& context) {
  HEARTH_ASSIGN(Call call, generation(parameters, context));
  return Step(std::move(call));
}

Result<Step> called(Json /*carried*/, Json answer, const ActionContext& /*context*/) {
  return Step(reply(answer));
}

/// llm.json: an answer held to `schema`, and read.
Result<Step> json(const Json& parameters, const ActionContext& context) {
  HEARTH_TRY(Parameters(parameters).value({"schema", "json_schema", "jsonSchema"}));
  return call(parameters, context);
}

Result<Step> json_called(Json /*carried*/, Json answer, const ActionContext& /*context*/) {
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

Result<Step> classified(Json /*carried*/, Json answer, const ActionContext& /*context*/) {
  Json result = reply(answer);
  result["label"] = result["content"];
  return Step(std::move(result));
}

/// What is to be embedded or ranked, as texts; an object stands for its `text`.
Result<Json> texts_of(const Json& values, std::string_view parameter) {
  Json texts = Json::array();
  for (const Json& value : values) {
    const auto text = value.is_object() ? value.find("text") : value.end();
    texts.push_back(text == value.end() ? value : *text);
    if (texts.back().is_string()) continue;
    return Error{
        ErrorCode::kInvalidArgument,
        fmt::format("the parameter '{}' must be a list of texts, or of objects with a text", parameter)};
  }
  return texts;
}

/// llm.embed: {text} or {texts}
Result<Step> embed(const Json& parameters, const ActionContext& context) {
  const Json all = with_settings(parameters, context);
  const Parameters given(all);
  HEARTH_ASSIGN(const Json* text, given.value({"text", "texts", "input"}));
  HEARTH_ASSIGN(const std::string model, given.text_or({"model"}, ""));
  HEARTH_ASSIGN(Json texts, texts_of(text->is_array() ? *text : Json::array({*text}), "texts"));
  return Step(Call{"embed", {{"model", model}, {"texts", texts}}, text->is_array()});
}

Result<Step> embedded(Json carried, Json answer, const ActionContext& /*context*/) {
  const Json& vectors = list_in(answer, "embeddings");
  if (vectors.empty()) return Error{ErrorCode::kInternal, "the host gave no embeddings"};
  Json result = {{"model", text_in(answer, "model")},
                 {"dimensions", vectors.front().size()},
                 {"usage", usage_of(answer)}};
  if (carried == true) {
    result["embeddings"] = vectors;
  } else {
    result["embedding"] = vectors.front();
  }
  return Step(std::move(result));
}

/// llm.rerank: {query, documents, top_n}
Result<Step> rerank(const Json& parameters, const ActionContext& context) {
  const Json all = with_settings(parameters, context);
  const Parameters given(all);
  HEARTH_ASSIGN(const std::string query, given.text({"query"}));
  HEARTH_ASSIGN(const Json* documents, given.value({"documents", "texts"}));
  if (!documents->is_array())
    return Error{ErrorCode::kInvalidArgument, "the parameter 'documents' must be a list of texts"};
  HEARTH_ASSIGN(Json texts, texts_of(*documents, "documents"));
  HEARTH_ASSIGN(const std::string model, given.text_or({"model"}, ""));
  HEARTH_ASSIGN(const int64_t top_n, given.whole_or({"top_n"}, 0));
  return Step(Call{"rerank",
                   {{"model", model}, {"query", query}, {"documents", std::move(texts)}},
                   {{"top_n", std::max<int64_t>(top_n, 0)}, {"documents", *documents}}});
}

Result<Step> reranked(Json carried, Json answer, const ActionContext& /*context*/) {
  Json results = Json::array();
  const Json& scores = list_in(answer, "scores");
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

Result<Step> tokenized(Json /*carried*/, Json answer, const ActionContext& /*context*/) {
  const Json& tokens = list_in(answer, "tokens");
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
