#include "apps/serve/api/socket/pipeline.h"

#include <utility>

#include "apps/serve/api/members.h"
#include "apps/serve/api/workflows/runs.h"
#include "apps/serve/refusal.h"

namespace hearth::serve::socket {

using nlohmann::ordered_json;

Awaitable<ordered_json> execute_pipeline(Session& session, const SocketRequest& request) {
  const Members params(request.params, "params");
  const std::string name = params.text("name");
  if (!name.empty() && params.has("workflow"))
    params.refuse("workflow", "is for a workflow that the server has not by name");
  workflows::Listener listener;
  if (params.flag("stream", true)) {
    listener.tell = [&](const ordered_json& event) { return session.send(request, "streaming", event); };
  }
  const net::any_io_executor executor = co_await net::this_coro::executor;
  auto started = co_await workflows::start_run(session.service(), params, name);
  workflows::Caller caller{request.record, request.tenant};
  workflows::HostedRun run(session.service(), std::move(caller), std::move(listener), executor);
  ordered_json last = co_await run.drive(std::move(started));
  if (last["event"] == "error") throw run.refusal_of(last);
  co_return last;
}

}  // namespace hearth::serve::socket
