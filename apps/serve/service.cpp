#include "apps/serve/service.h"

#include <fmt/format.h>

namespace hearth::serve {

using nlohmann::ordered_json;

namespace {

/// By the path as it came, so that what a proxy forbids by its beginning can't be reached by another
/// spelling.
bool leads_to(const Route& route, std::string_view path) {
  if (route.path.ends_with('*')) return path.starts_with(route.path.substr(0, route.path.size() - 1));
  return route.path == path;
}

}  // namespace

Awaitable<std::unique_ptr<ModelUse>> use_model(Service& service, Exchange& /*exchange*/, std::string name,
                                               ServedModel::Progress progress, std::string tenant) {
  ordered_json imposed = ordered_json::object();
  if (!tenant.empty()) imposed["cacheSalt"] = std::move(tenant);
  return service.models.use(std::move(name), std::move(imposed), std::move(progress));
}

const Route& route_of(const Routes& routes, const Request& request) {
  std::string methods;
  for (const Route& route : routes) {
    if (!leads_to(route, request.encoded_path)) continue;
    if (route.method == request.method || (route.method == "GET" && request.method == "HEAD")) return route;
    methods += (methods.empty() ? "" : ", ") + std::string(route.method);
  }
  if (methods.empty()) {
    throw Refusal(404, ErrorCode::kNotFound,
                  fmt::format("there is nothing at {} {}", request.method, request.path));
  }
  throw Refusal(405, ErrorCode::kInvalidArgument,
                fmt::format("{} takes {}, not {}", request.path, methods, request.method));
}

}  // namespace hearth::serve
