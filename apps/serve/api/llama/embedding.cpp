// POST /embedding and /embeddings, in llama-server's own form.
#include "apps/serve/api/llama/routes.h"
#include "apps/serve/api/openai/embedded_texts.h"

namespace hearth::serve::llama {

using nlohmann::ordered_json;

Awaitable<> embedding(Service& service, Exchange& exchange) {
  const ordered_json json = json_body(exchange.request);
  const Members body(json);
  const openai::Prompts input = openai::read_prompts(body, body.has("content") ? "content" : "input");
  constexpr int64_t kNone = -1;
  constexpr int64_t kEuclidean = 2;
  const int64_t norm = body.integer("embd_normalize", kNone, kEuclidean, kEuclidean);
  if (norm != kNone && norm != kEuclidean) body.refuse("embd_normalize", "must be -1 (none) or 2 (length 1)");
  const ordered_json options = {{"normalize", norm == kEuclidean}};
  const auto model = co_await use_model(service, exchange, body.text("model"));
  const openai::Vectors embedded = co_await openai::embed_texts(*model, input.all, options);
  ordered_json list = ordered_json::array();
  for (const std::vector<float>& vector : embedded) {
    // A list of vectors, since other poolings of llama-server's have one for each token.
    ordered_json vectors = ordered_json::array();
    vectors.push_back(openai::vector_json(vector));
    list.push_back({{"index", list.size()}, {"embedding", std::move(vectors)}});
  }
  co_await reply_json(exchange, list);
}

}  // namespace hearth::serve::llama
