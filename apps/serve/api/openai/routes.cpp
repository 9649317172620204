#include "apps/serve/api/openai/routes.h"

namespace hearth::serve::openai {

void add_routes(Routes& routes) {
  const Route ours[] = {
      {"GET", "/v1/models", Dialect::kOpenai, list_models},
      {"POST", "/v1/chat/completions", Dialect::kOpenai, chat_completions},
  };
  routes.insert(routes.end(), std::begin(ours), std::end(ours));
}

}  // namespace hearth::serve::openai
