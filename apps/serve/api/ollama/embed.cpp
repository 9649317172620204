// POST /api/embed, and /api/embeddings, its older form.
#include <chrono>

#include "apps/serve/api/ollama/routes.h"
#include "engine/options/option_values.h"

namespace hearth::serve::ollama {

using nlohmann::ordered_json;

namespace {

using Clock = std::chrono::steady_clock;

int64_t nanoseconds_since(Clock::time_point begun) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(Clock::now() - begun).count();
}

/// Texts as tokens, cut where they are longer than the context unless that is refused.
struct Texts {
  ordered_json tokens = ordered_json::array();
  size_t count = 0;  // of the tokens
};

Awaitable<Texts> tokens_of(ModelUse& model, const ordered_json& given, bool cuts) {
  const auto context = model.info().value("contextSize", size_t{0});
  Texts texts;
  for (const ordered_json& text : given) {
    std::vector<int32_t> tokens = co_await model.tokenize(text.get<std::string>(), true, false);
    if (cuts && tokens.size() > context) tokens.resize(context);
    texts.count += tokens.size();
    texts.tokens.push_back(std::move(tokens));
  }
  co_return texts;
}

Awaitable<ordered_json> vectors_of(ModelUse& model, const Texts& texts, ordered_json options) {
  ordered_json vectors = ordered_json::array();
  for (const ordered_json& tokens : texts.tokens) {
    ordered_json arguments = ordered_json::array({ordered_json::array({tokens}), options});
    const Reply reply = co_await model.call("embed", std::move(arguments));
    ordered_json vector = ordered_json::array();
    for (const float value : reply.floats()) vector.push_back(decimal(value));
    vectors.push_back(std::move(vector));
  }
  co_return vectors;
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
  const Texts texts = co_await tokens_of(*model, given, body.flag("truncate", true));
  ordered_json vectors = co_await vectors_of(*model, texts, std::move(options));
  const ordered_json reply = {{"model", asked.model},
                              {"embeddings", std::move(vectors)},
                              {"total_duration", nanoseconds_since(begun)},
                              {"load_duration", load_duration},
                              {"prompt_eval_count", texts.count}};
  co_await reply_json(exchange, reply);
}

Awaitable<> embeddings(Service& service, Exchange& exchange) {
  const ordered_json json = json_body(exchange.request);
  const Members body(json);
  const ModelRequest asked = read_model_request(body);
  const ordered_json given = ordered_json::array({body.text("prompt")});
  const auto model = co_await use_model_of(service, exchange, asked);
  const Texts texts = co_await tokens_of(*model, given, true);
  ordered_json vectors = co_await vectors_of(*model, texts, ordered_json::object());
  const ordered_json reply = {{"embedding", std::move(vectors[0])}};
  co_await reply_json(exchange, reply);
}

}  // namespace hearth::serve::ollama
