// POST /v1/embeddings.
#include <fmt/format.h>

#include "apps/serve/api/openai/embedded_texts.h"
#include "apps/serve/api/openai/routes.h"
#include "apps/serve/operation/request_record.h"

namespace hearth::serve::openai {

using nlohmann::ordered_json;

Awaitable<> embeddings(Service& service, Exchange& exchange) {
  const ordered_json json = json_body(exchange.request);
  const Members body(json);
  const Prompts input = read_prompts(body, "input");
  const std::string format = body.text("encoding_format", "float");
  if (format != "float" && format != "base64") {
    body.refuse("encoding_format",
                fmt::format("must be float or base64, not {}", shown(body["encoding_format"])));
  }
  ordered_json options = ordered_json::object();
  if (body.has("dimensions")) options["dimensions"] = body.integer("dimensions", 1, INT32_MAX, 1);
  const auto model = co_await use_model(service, exchange, body.text("model"));
  const Vectors vectors = co_await embed_texts(*model, input.all, std::move(options));
  ordered_json data = ordered_json::array();
  for (const std::vector<float>& vector : vectors) {
    ordered_json entry = {{"object", "embedding"}, {"index", data.size()}};
    entry["embedding"] = format == "float" ? vector_json(vector) : ordered_json(vector_base64(vector));
    data.push_back(std::move(entry));
  }
  const int64_t tokens = exchange.record->prompt_tokens;
  const ordered_json usage = {{"prompt_tokens", tokens}, {"total_tokens", tokens}};
  const ordered_json list = {
      {"object", "list"}, {"data", std::move(data)}, {"model", model->id()}, {"usage", usage}};
  co_await reply_json(exchange, list);
}

}  // namespace hearth::serve::openai
