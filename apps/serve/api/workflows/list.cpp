// GET /v1/workflows and /v1/workflows/NAME.
#include "apps/serve/api/workflows/read_workflow.h"
#include "apps/serve/api/workflows/routes.h"
#include "apps/serve/models/blocking.h"
#include "apps/serve/refusal.h"
#include "engine/workflow/graph/graph.h"

namespace hearth::serve::workflows {

using nlohmann::ordered_json;

namespace {

ordered_json described(const std::string& name, const Result<ReadWorkflow>& read) {
  ordered_json json = {
      {"id", name}, {"object", "workflow"}, {"runs", read.ok() && read->workflow != nullptr}};
  if (!read.ok()) {
    json["error"] = {{"code", error_code_name(read.error().code)}, {"message", read.error().message}};
    return json;
  }
  if (const workflow::Workflow* workflow = read->workflow) {
    json["name"] = workflow->name;
    json["description"] = workflow->description;
    json["input_schema"] = workflow->input_schema.json();
  }
  json["faults"] = read->faults;
  return json;
}

}  // namespace

Awaitable<> list(Service& service, Exchange& exchange) {
  using All = Result<ordered_json>;
  const std::function<All()> work = [folder = service.config.workflows.folder]() -> All {
    HEARTH_ASSIGN(const std::vector<std::string> names, names_in(folder));
    ordered_json data = ordered_json::array();
    for (const std::string& name : names) data.push_back(described(name, read_named(folder, name)));
    return ordered_json{{"object", "list"}, {"data", std::move(data)}};
  };
  All all = co_await on_pool<All>(service.pool, work);
  const ordered_json reply = value_or_refuse(std::move(all));
  co_await reply_json(exchange, reply);
}

Awaitable<> show(Service& service, Exchange& exchange) {
  using One = Result<ordered_json>;
  const std::function<One()> work = [folder = service.config.workflows.folder,
                                     name = exchange.request.path.substr(kBeforeNames.size())]() -> One {
    HEARTH_ASSIGN(const ReadWorkflow read, read_named(folder, name));
    ordered_json shown = described(name, read);
    if (read.workflow != nullptr) shown["graph"] = workflow::to_mermaid(*read.workflow);
    return shown;
  };
  One one = co_await on_pool<One>(service.pool, work);
  const ordered_json reply = value_or_refuse(std::move(one));
  co_await reply_json(exchange, reply);
}

}  // namespace hearth::serve::workflows
