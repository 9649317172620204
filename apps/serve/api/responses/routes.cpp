#include "apps/serve/api/responses/routes.h"

namespace hearth::serve::responses {

void add_routes(Routes& routes) {
  const Route ours[] = {
      {"POST", "/v1/responses", Dialect::kOpenai, create_response},
      {"POST", "/responses", Dialect::kOpenai, create_response},
      {"POST", "/v1/responses/input_tokens", Dialect::kOpenai, count_input_tokens},
      {"POST", "/v1/responses/*", Dialect::kOpenai, cancel_response},
      {"GET", "/v1/responses/*", Dialect::kOpenai, get_response},
      {"DELETE", "/v1/responses/*", Dialect::kOpenai, delete_response},
  };
  routes.insert(routes.end(), std::begin(ours), std::end(ours));
}

}  // namespace hearth::serve::responses
