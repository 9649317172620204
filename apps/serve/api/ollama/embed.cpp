// POST /api/embed, and /api/embeddings, its older form.
#include <algorithm>
#include <chrono>
#include <utility>

#include "apps/serve/api/ollama/routes.h"
#include "apps/serve/api/openai/embedded_texts.h"
#include "apps/serve/operation/request_record.h"

namespace hearth::serve::ollama {

using nlohmann::ordered_json;

namespace {

using Clock = std::chrono::steady_clock;

int64_t nanoseconds_since(Clock::time_point begun) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - begun).count();
}

/// Texts that are longer than the context are cut to it, unless that is refused.
Awaitable<std::vector<openai::Prompt>> prompts_of(ModelUse& model, const ordered_json& texts, bool cuts) {
  const auto context = model.info().value("contextSize", size_t{0});
  std::vector<openai::Prompt> prompts;
  for (const ordered_json& text : texts) {
    openai::PromptPiece piece{text.get<std::string>(), {}};
    if (cuts) {
      piece.tokens = co_await model.tokenize(std::exchange(piece.text, {}), true, false);
      piece.tokens.resize(std::min(piece.tokens.size(), context));
    }
    prompts.push_back({std::move(piece)});
  }
  co_return prompts;
}

Awaitable<openai::Vectors> embedded(ModelUse& model, const ordered_json& texts, bool cuts,
                                    ordered_json options) {
  const std::vector<openai::Prompt> prompts = co_await prompts_of(model, texts, cuts);
  co_return co_await openai::embed_texts(model, prompts, std::move(options));
}

/// A text, or a list of them.
ordered_json read_texts(const Members& body) {
  const ordered_json& given = body["input"];
  if (given.is_string()) return ordered_json::array({given});
  for (const ordered_json& text : body.array("input")) {
    if (!text.is_string())
      body.refuse("input", "must be a string or a list of strings, not have " + shown(text));
  }
  return body.array("input");
}

}  // namespace

Awaitable<> embed(Service& service, Exchange& exchange) {
  const Clock::time_point begun = Clock::now();
  const ordered_json json = json_body(exchange.request);
  const Members body(json);
  const ModelRequest asked = read_model_request(body);
  const ordered_json given = read_texts(body);
  ordered_json options = ordered_json::object();
  if (body.has("dimensions")) options["dimensions"] = body.integer("dimensions", 1, INT32_MAX, 1);
  const auto model = co_await use_model_of(service, exchange, asked);
  const int64_t load_duration = nanoseconds_since(begun);
  const bool cuts = body.flag("truncate", true);
  const openai::Vectors embeddings = co_await embedded(*model, given, cuts, std::move(options));
  ordered_json vectors = ordered_json::array();
  for (const std::vector<float>& vector : embeddings) vectors.push_back(openai::vector_json(vector));
  const ordered_json reply = {{"model", asked.model},
                              {"embeddings", std::move(vectors)},
                              {"total_duration", nanoseconds_since(begun)},
                              {"load_duration", load_duration},
                              {"prompt_eval_count", exchange.record->prompt_tokens}};
  co_await reply_json(exchange, reply);
}

Awaitable<> embeddings(Service& service, Exchange& exchange) {
  const ordered_json json = json_body(exchange.request);
  const Members body(json);
  const ModelRequest asked = read_model_request(body);
  const ordered_json given = ordered_json::array({body.text("prompt")});
  const auto model = co_await use_model_of(service, exchange, asked);
  ordered_json options = ordered_json::object();
  const openai::Vectors vectors = co_await embedded(*model, given, true, std::move(options));
  const ordered_json reply = {{"embedding", openai::vector_json(vectors.front())}};
  co_await reply_json(exchange, reply);
}

}  // namespace hearth::serve::ollama
