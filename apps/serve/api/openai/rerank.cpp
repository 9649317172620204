// POST /v1/rerank, as Jina's, Cohere's and (with `texts`) Hugging Face's servers take it.
#include <fmt/format.h>

#include <algorithm>

#include "apps/serve/api/members.h"
#include "apps/serve/api/openai/routes.h"
#include "apps/serve/api/openai/scored_documents.h"
#include "apps/serve/operation/request_record.h"
#include "apps/serve/refusal.h"

namespace hearth::serve::openai {

using nlohmann::ordered_json;

namespace {

struct RerankRequest {
  std::string model;
  std::string query;
  std::vector<std::string> documents;
  size_t most = 0;              // results
  bool is_texts = false;        // Hugging Face's form
  bool with_documents = false;  // results have their texts
};

struct Ranked {
  size_t index = 0;
  double score = 0;
};

/// A document is a text, or an object with one.
std::string document_text(const ordered_json& json, const std::string& path) {
  if (json.is_string()) return json.get<std::string>();
  if (!json.is_object() || !json.contains("text"))
    refuse_param(path, "must be a text, or an object with a text");
  return Members(json, path).text("text");
}

RerankRequest read_rerank_request(const Members& body) {
  RerankRequest request;
  request.model = body.text("model");
  if (!body.has("query")) body.refuse("query", "is missing");
  request.query = body.text("query");
  request.is_texts = body.has("texts");
  const std::string_view name = request.is_texts ? "texts" : "documents";
  const ordered_json& documents = body.array(name);
  if (documents.empty()) body.refuse(name, "is missing or empty");
  for (size_t index = 0; index < documents.size(); ++index) {
    request.documents.push_back(document_text(documents[index], fmt::format("{}[{}]", name, index)));
  }
  const auto all = static_cast<int64_t>(request.documents.size());
  request.most = static_cast<size_t>(std::min(all, body.integer("top_n", 1, INT32_MAX, all)));
  request.with_documents = body.flag(request.is_texts ? "return_text" : "return_documents", false);
  return request;
}

/// The best first, equals as they were given.
Awaitable<std::vector<Ranked>> rank(ModelUse& model, const RerankRequest& request) {
  const std::vector<double> scores = co_await score_documents(model, request.query, request.documents);
  std::vector<Ranked> ranked;
  ranked.reserve(scores.size());
  for (const double score : scores) ranked.push_back({ranked.size(), score});
  std::sort(ranked.begin(), ranked.end(), [](const Ranked& left, const Ranked& right) {
    return left.score != right.score ? left.score > right.score : left.index < right.index;
  });
  ranked.resize(request.most);
  co_return ranked;
}

}  // namespace

Awaitable<> rerank(Service& service, Exchange& exchange) {
  const ordered_json body = json_body(exchange.request);
  const RerankRequest request = read_rerank_request(Members(body));
  const auto model = co_await use_model(service, exchange, request.model);
  const std::vector<Ranked> ranked = co_await rank(*model, request);
  ordered_json results = ordered_json::array();
  for (const Ranked& document : ranked) {
    ordered_json result = {{"index", document.index}};
    result[request.is_texts ? "score" : "relevance_score"] = document.score;
    if (request.with_documents) {
      const std::string& text = request.documents[document.index];
      result[request.is_texts ? "text" : "document"] =
          request.is_texts ? ordered_json(text) : ordered_json{{"text", text}};
    }
    results.push_back(std::move(result));
  }
  if (request.is_texts) co_return co_await reply_json(exchange, results);
  const int64_t tokens = exchange.record->prompt_tokens;
  const ordered_json usage = {{"prompt_tokens", tokens}, {"total_tokens", tokens}};
  const ordered_json list = {
      {"object", "list"}, {"model", model->id()}, {"results", std::move(results)}, {"usage", usage}};
  co_await reply_json(exchange, list);
}

}  // namespace hearth::serve::openai
