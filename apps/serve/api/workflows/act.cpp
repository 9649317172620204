// POST /v1/workflows/run, /resume and /validate, and the same of a file: /v1/workflows/NAME/run.
#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "apps/serve/api/workflows/routes.h"
#include "apps/serve/api/workflows/runs.h"
#include "apps/serve/refusal.h"
#include "engine/text/json_text.h"

namespace hearth::serve::workflows {

using nlohmann::ordered_json;

namespace {

/// As the engine reads JSON, which keeps numbers that are larger than 64 bits.
ordered_json body_of(const Request& request) {
  if (request.body.empty()) return ordered_json::object();
  ordered_json body = value_or_refuse(hearth::parse_json(request.body, "the body"));
  if (!body.is_object()) throw Refusal(400, ErrorCode::kInvalidArgument, "the body must be a JSON object");
  return body;
}

Awaitable<> write_run_event(Exchange& exchange, const ordered_json& event) {
  co_await begin_events(exchange);
  co_await write_event_text(exchange, write_json(event), event["event"].get<std::string>());
}

Awaitable<> answer_run(Service& service, Exchange& exchange, std::shared_ptr<StartedRun> started,
                       bool streams) {
  const net::any_io_executor executor = co_await net::this_coro::executor;
  Listener listener;
  if (streams) {
    listener.tell = [&exchange](const ordered_json& event) { return write_run_event(exchange, event); };
    listener.signs = signs_of_life(service, exchange);
  }
  HostedRun run(service, Caller{exchange.record, ""}, std::move(listener), executor);
  const ordered_json last = co_await run.drive(std::move(started));
  if (streams) {
    co_await write_run_event(exchange, last);
    co_return co_await exchange.end();
  }
  if (last["event"] == "error") throw run.refusal_of(last);
  co_await exchange.reply(200, "application/json; charset=utf-8", write_json(last));
}

Awaitable<> validate(Service& service, Exchange& exchange, const Members& request, std::string name) {
  const ReadWorkflow read = co_await workflow_of(service, request, std::move(name));
  const ordered_json reply = {{"runs", read.workflow != nullptr}, {"faults", read.faults}};
  co_await reply_json(exchange, reply);
}

}  // namespace

Awaitable<> act(Service& service, Exchange& exchange) {
  const std::string rest = exchange.request.path.substr(kBeforeNames.size());
  const size_t slash = rest.rfind('/');
  const std::string name = slash == std::string::npos ? "" : rest.substr(0, slash);
  const std::string action = slash == std::string::npos ? rest : rest.substr(slash + 1);
  const bool is_named = slash == std::string::npos || !name.empty();
  if (!is_named || (action != "run" && action != "resume" && action != "validate")) {
    throw Refusal(404, ErrorCode::kNotFound,
                  fmt::format("there is nothing at POST {}; workflows have run, resume and validate",
                              exchange.request.path));
  }
  const ordered_json body = body_of(exchange.request);
  const Members request(body);
  if (action == "validate") co_return co_await validate(service, exchange, request, name);
  const bool streams = request.flag("stream", false);
  if (action == "resume" && !request.has("checkpoint"))
    request.refuse("checkpoint", "is missing: that of the run to go on with");
  if (action == "run" && request.has("checkpoint"))
    request.refuse("checkpoint", "is for going on with a run: POST .../resume");
  auto started = co_await start_run(service, request, name);
  co_await answer_run(service, exchange, std::move(started), streams);
}

}  // namespace hearth::serve::workflows
