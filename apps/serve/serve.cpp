#include "apps/serve/serve.h"

#include "apps/serve/api/anthropic/routes.h"
#include "apps/serve/api/hearth/routes.h"
#include "apps/serve/api/keys/routes.h"
#include "apps/serve/api/llama/routes.h"
#include "apps/serve/api/ollama/routes.h"
#include "apps/serve/api/openai/routes.h"
#include "apps/serve/api/responses/routes.h"
#include "apps/serve/api/socket/routes.h"
#include "apps/serve/api/workflows/routes.h"
#include "apps/serve/models/lost_pages.h"
#include "apps/serve/operation/routes.h"
#include "apps/serve/page/routes.h"
#include "apps/serve/server.h"

namespace hearth::serve {

namespace {

Routes all_routes() {
  Routes routes;
  operation::add_routes(routes);
  page::add_routes(routes);
  openai::add_routes(routes);
  llama::add_routes(routes);
  anthropic::add_routes(routes);
  ollama::add_routes(routes);
  responses::add_routes(routes);
  native::add_routes(routes);
  keys::add_routes(routes);
  workflows::add_routes(routes);
  socket::add_routes(routes);
  return routes;
}

}  // namespace

Result<void> serve(const ServeOptions& options) {
  survive_lost_pages();
  Server server(options, all_routes());
  HEARTH_TRY(server.prepare());
  server.run();
  return {};
}

}  // namespace hearth::serve
