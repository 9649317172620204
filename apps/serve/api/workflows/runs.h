// Requests to run a workflow, those of HTTP and those on a WebSocket alike.
#pragma once

#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "apps/serve/api/members.h"
#include "apps/serve/api/workflows/hosted_run.h"
#include "apps/serve/api/workflows/read_workflow.h"

namespace hearth::serve::workflows {

/// The workflow that a request names, or brings along where the name is "". Throws a Refusal: NOT_FOUND.
Awaitable<ReadWorkflow> workflow_of(Service& service, const Members& request, std::string name);

/// The run that a request asks for: begun with `input`, or taken up again where it has a `checkpoint`, with
/// the changes of `state`. Throws a Refusal: INVALID_ARGUMENT, with the faults of a workflow that has some.
Awaitable<std::shared_ptr<StartedRun>> start_run(Service& service, const Members& request, std::string name);

}  // namespace hearth::serve::workflows
