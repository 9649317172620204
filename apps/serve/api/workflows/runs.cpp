#include "apps/serve/api/workflows/runs.h"

#include <fmt/format.h>

#include <utility>

#include "apps/serve/models/blocking.h"
#include "apps/serve/refusal.h"

namespace hearth::serve::workflows {

using nlohmann::ordered_json;

namespace {

Refusal refusal_of_faults(const ReadWorkflow& read) {
  ordered_json faults = read.faults;
  std::string first = "it has none that can run";
  for (const ordered_json& fault : faults) {
    if (fault["severity"] == "warning") continue;
    const std::string file = fault.value("file", "");
    first =
        fmt::format("{}{}line {}, column {}: {}", file, file.empty() ? "" : ": ", fault["line"].get<int>(),
                    fault["column"].get<int>(), fault["message"].get<std::string>());
    break;
  }
  Refusal refusal(400, ErrorCode::kInvalidArgument, fmt::format("the workflow cannot run: {}", first));
  refusal.faults = std::make_shared<const ordered_json>(std::move(faults));
  return refusal;
}

/// An object; without one, an empty one.
ordered_json object_of(const Members& request, std::string_view name) {
  const ordered_json& given = request[name];
  if (given.is_null()) return ordered_json::object();
  if (!given.is_object()) request.refuse(name, "must be an object");
  return given;
}

}  // namespace

Awaitable<ReadWorkflow> workflow_of(Service& service, const Members& request, std::string name) {
  const std::string folder = service.config.workflows.folder;
  std::function<Result<ReadWorkflow>()> work;
  if (name.empty()) {
    if (!request.has("workflow")) request.refuse("workflow", "is missing: the text of one, in YAML");
    work = [folder, text = request.text("workflow")] { return read_text(folder, text); };
  } else {
    work = [folder, name = std::move(name)] { return read_named(folder, name); };
  }
  Result<ReadWorkflow> read = co_await on_pool<Result<ReadWorkflow>>(service.pool, work);
  co_return value_or_refuse(std::move(read));
}

Awaitable<std::shared_ptr<StartedRun>> start_run(Service& service, const Members& request, std::string name) {
  ordered_json input = object_of(request, "input");
  ordered_json changes = object_of(request, "state");
  ordered_json checkpoint = request["checkpoint"];
  const bool goes_on = !checkpoint.is_null();
  const ReadWorkflow read = co_await workflow_of(service, request, std::move(name));
  if (read.workflow == nullptr) throw refusal_of_faults(read);
  using Run = Result<std::shared_ptr<workflow::Run>>;
  const std::function<Run()> work = [&]() -> Run {
    Result<std::unique_ptr<workflow::Run>> run =
        goes_on ? workflow::Run::resume(*read.workflow, checkpoint, std::move(changes))
                : workflow::Run::start(*read.workflow, std::move(input));
    if (!run.ok()) return run.error();
    return std::shared_ptr<workflow::Run>(std::move(run).value());
  };
  Run run = co_await on_pool<Run>(service.pool, work);
  auto started = std::make_shared<StartedRun>();
  started->library = read.library;
  started->run = value_or_refuse(std::move(run));
  co_return started;
}

}  // namespace hearth::serve::workflows
