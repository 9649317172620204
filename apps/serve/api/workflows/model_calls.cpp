#include "apps/serve/api/workflows/model_calls.h"

#include <fmt/format.h>

#include <utility>
#include <vector>

#include "apps/serve/api/answer_parts.h"
#include "apps/serve/api/openai/embedded_texts.h"
#include "apps/serve/api/openai/scored_documents.h"
#include "apps/serve/refusal.h"
#include "engine/text/json_text.h"

namespace hearth::serve::workflows {

using nlohmann::ordered_json;

namespace {

ordered_json usage_json(int64_t prompt, int64_t cached, int64_t completion) {
  return {{"promptTokens", prompt}, {"cachedTokens", cached}, {"completionTokens", completion}};
}

/// Arguments as data; as the model has written them where they are no JSON.
ordered_json tool_calls_json(const std::vector<CallPart>& calls) {
  ordered_json list = ordered_json::array();
  for (const CallPart& call : calls) {
    Result<ordered_json> arguments = hearth::parse_json(call.arguments, "the arguments");
    ordered_json shown = arguments.ok() ? std::move(arguments).value() : ordered_json(call.arguments);
    list.push_back({{"id", call.id}, {"name", call.name}, {"arguments", std::move(shown)}});
  }
  return list;
}

Awaitable<ordered_json> generate(ModelUse& model, ordered_json request,
                                 std::function<Awaitable<>(std::string)> tell) {
  ordered_json chat = {{"messages", std::move(request["messages"])}};
  for (const char* name : {"tools", "toolChoice"}) {
    if (request.contains(name)) chat[name] = std::move(request[name]);
  }
  auto begun = co_await model.answer_chat(std::move(chat), std::move(request["options"]));
  AnswerReader reader(std::move(begun));
  AnswerPart whole;
  while (!whole.ended()) {
    AnswerPart part = co_await reader.next();
    if (tell && !part.text.empty()) co_await tell(part.text);
    whole.append(std::move(part));
  }
  const AnswerFigures& figures = whole.figures;
  co_return ordered_json{
      {"text", whole.text},
      {"reasoning", whole.reasoning},
      {"toolCalls", tool_calls_json(whole.calls)},
      {"finishReason", hearth_finish_reason_name(whole.finish)},
      {"model", model.id()},
      {"usage", usage_json(figures.prompt_tokens, figures.cached_tokens, figures.completion_tokens)}};
}

Awaitable<ordered_json> embed(ModelUse& model, const RequestRecord& record, ordered_json request) {
  std::vector<openai::Prompt> texts;
  for (const ordered_json& text : request["texts"]) texts.push_back({{text.get<std::string>(), {}}});
  const openai::Vectors vectors = co_await openai::embed_texts(model, texts, ordered_json::object());
  ordered_json embeddings = ordered_json::array();
  for (const std::vector<float>& vector : vectors) embeddings.push_back(openai::vector_json(vector));
  co_return ordered_json{{"embeddings", std::move(embeddings)},
                         {"model", model.id()},
                         {"usage", usage_json(record.prompt_tokens, 0, 0)}};
}

Awaitable<ordered_json> rerank(ModelUse& model, const RequestRecord& record, ordered_json request) {
  auto documents = request["documents"].get<std::vector<std::string>>();
  const std::vector<double> scores =
      co_await openai::score_documents(model, request["query"].get<std::string>(), std::move(documents));
  co_return ordered_json{
      {"scores", scores}, {"model", model.id()}, {"usage", usage_json(record.prompt_tokens, 0, 0)}};
}

Awaitable<ordered_json> tokenize(ModelUse& model, ordered_json request) {
  const std::vector<int32_t> tokens =
      co_await model.tokenize(request["text"].get<std::string>(), true, false);
  co_return ordered_json{{"tokens", tokens}, {"model", model.id()}};
}

}  // namespace

Awaitable<ordered_json> answer_of_model(ModelUse& model, std::shared_ptr<RequestRecord> record,
                                        std::string kind, ordered_json request,
                                        std::function<Awaitable<>(std::string)> tell) {
  if (kind == "generate") co_return co_await generate(model, std::move(request), std::move(tell));
  if (kind == "embed") co_return co_await embed(model, *record, std::move(request));
  if (kind == "rerank") co_return co_await rerank(model, *record, std::move(request));
  if (kind == "tokenize") co_return co_await tokenize(model, std::move(request));
  throw Refusal(
      Error{ErrorCode::kUnsupported, fmt::format("the server has nothing for calls of the kind '{}'", kind)});
}

}  // namespace hearth::serve::workflows
