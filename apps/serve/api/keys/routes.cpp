#include "apps/serve/api/keys/routes.h"

namespace hearth::serve::keys {

void add_routes(Routes& routes) {
  const Route ours[] = {
      {"GET", "/v1/keys", Dialect::kOpenai, list, Scope::kAdmin},
      {"POST", "/v1/keys", Dialect::kOpenai, create, Scope::kAdmin},
      {"PATCH", "/v1/keys/*", Dialect::kOpenai, change, Scope::kAdmin},
      {"POST", "/v1/keys/*", Dialect::kOpenai, rotate, Scope::kAdmin},
      {"GET", "/v1/hearth/caller", Dialect::kOpenai, show_caller},
  };
  routes.insert(routes.end(), std::begin(ours), std::end(ours));
}

}  // namespace hearth::serve::keys
