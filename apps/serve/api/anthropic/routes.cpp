#include "apps/serve/api/anthropic/routes.h"

namespace hearth::serve::anthropic {

void add_routes(Routes& routes) {
  const Route ours[] = {
      {"POST", "/v1/messages", Dialect::kAnthropic, messages},
      {"POST", "/v1/messages/count_tokens", Dialect::kAnthropic, count_tokens},
  };
  routes.insert(routes.end(), std::begin(ours), std::end(ours));
}

}  // namespace hearth::serve::anthropic
