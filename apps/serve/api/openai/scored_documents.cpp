#include "apps/serve/api/openai/scored_documents.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace hearth::serve::openai {

using nlohmann::ordered_json;

namespace {

/// Of one call of the engine.
constexpr size_t kMostDocumentsAtOnce = 16;

}  // namespace

Awaitable<std::vector<double>> score_documents(ModelUse& model, std::string query,
                                               std::vector<std::string> documents) {
  std::vector<double> scores(documents.size());
  for (size_t first = 0; first < documents.size(); first += kMostDocumentsAtOnce) {
    const size_t end = std::min(first + kMostDocumentsAtOnce, documents.size());
    ordered_json some = ordered_json::array();
    for (size_t index = first; index < end; ++index) some.push_back(documents[index]);
    ordered_json arguments = ordered_json::array({query, std::move(some), first, documents.size()});
    const Reply reply = co_await model.call("rerank", std::move(arguments));
    for (const ordered_json& result : reply.json())
      scores[result["index"].get<size_t>()] = result["score"].get<double>();
  }
  co_return scores;
}

}  // namespace hearth::serve::openai
