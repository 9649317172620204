// /v1/workflows: workflows in YAML, listed, checked and run.
#pragma once

#include <string_view>

#include "apps/serve/service.h"

namespace hearth::serve::workflows {

/// What stands before the name of a workflow in a path.
inline constexpr std::string_view kBeforeNames = "/v1/workflows/";

void add_routes(Routes& routes);

/// INVALID_ARGUMENT where what the configuration says of workflows cannot be.
Result<void> prepare(const WorkflowSettings& settings);

Awaitable<> list(Service& service, Exchange& exchange);
Awaitable<> show(Service& service, Exchange& exchange);
/// Of the text that the request brings: run, resume and validate; of a file: NAME/run and so on.
Awaitable<> act(Service& service, Exchange& exchange);

}  // namespace hearth::serve::workflows
