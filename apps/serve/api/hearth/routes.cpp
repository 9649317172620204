#include "apps/serve/api/hearth/routes.h"

namespace hearth::serve::native {

void add_routes(Routes& routes) {
  const Route ours[] = {
      {"POST", "/v1/hearth/load", Dialect::kOpenai, load},
      {"POST", "/v1/hearth/unload", Dialect::kOpenai, unload},
      {"POST", "/v1/hearth/generate", Dialect::kOpenai, generate},
      {"POST", "/v1/hearth/call", Dialect::kOpenai, call},
      {"POST", "/v1/models/pull", Dialect::kOpenai, pull, Scope::kAdmin},
      {"DELETE", "/v1/models/*", Dialect::kOpenai, erase, Scope::kAdmin},
  };
  routes.insert(routes.end(), std::begin(ours), std::end(ours));
}

}  // namespace hearth::serve::native
