#include "apps/serve/api/openai/routes.h"

namespace hearth::serve::openai {

void add_routes(Routes& routes) {
  const Route ours[] = {
      {"GET", "/v1/models", Dialect::kOpenai, list_models},
      {"GET", "/models", Dialect::kOpenai, list_models},
      {"GET", "/v1/models/*", Dialect::kOpenai, show_model},
      {"POST", "/v1/chat/completions", Dialect::kOpenai, chat_completions},
      {"POST", "/chat/completions", Dialect::kOpenai, chat_completions},
      {"POST", "/v1/completions", Dialect::kOpenai, completions},
      {"POST", "/v1/embeddings", Dialect::kOpenai, embeddings},
      {"POST", "/v1/rerank", Dialect::kOpenai, rerank},
      {"POST", "/v1/reranking", Dialect::kOpenai, rerank},
      {"POST", "/rerank", Dialect::kOpenai, rerank},
      {"POST", "/reranking", Dialect::kOpenai, rerank},
      // Cohere's second version of its API.
      {"POST", "/v2/rerank", Dialect::kOpenai, rerank},
  };
  routes.insert(routes.end(), std::begin(ours), std::end(ours));
}

}  // namespace hearth::serve::openai
