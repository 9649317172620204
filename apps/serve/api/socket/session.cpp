#include "apps/serve/api/socket/session.h"

#include <fmt/format.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <optional>

#include "apps/serve/admission.h"
#include "apps/serve/api/socket/functions.h"
#include "apps/serve/json_text.h"
#include "apps/serve/refusal.h"

namespace hearth::serve::socket {

using nlohmann::ordered_json;

namespace {

/// Requests that one socket may have answered at the same time.
constexpr size_t kMostRunning = 64;
/// Messages that wait for the client to read, before those who write them wait, too.
constexpr size_t kMostUnsent = 16;

/// Throws a Refusal.
SocketRequest request_of(const ordered_json& message) {
  SocketRequest request;
  request.id = message.value("id", ordered_json());
  if (!request.id.is_string() && !request.id.is_number_integer())
    refuse_param("id", "must be a text or a number");
  if (!message.contains("function") || !message["function"].is_string())
    refuse_param("function", "must be a text");
  request.function = &find_function(message["function"].get_ref<const std::string&>());
  request.params = message.value("params", ordered_json());
  if (request.params.is_null()) request.params = ordered_json::object();
  if (!request.params.is_object()) refuse_param("params", "must be an object");
  const ordered_json tenant = message.value("tenant_id", ordered_json());
  if (!tenant.is_null() && !tenant.is_string()) refuse_param("tenant_id", "must be a text");
  if (tenant.is_string()) request.tenant = tenant.get<std::string>();
  return request;
}

}  // namespace

Session::Session(Service& service, Exchange& exchange, WebSocket& socket,
                 const net::any_io_executor& executor)
    : service_(service),
      exchange_(exchange),
      socket_(socket),
      executor_(executor),
      outgoing_(executor, kMostUnsent),
      at_rest_(executor, net::steady_timer::time_point::max()) {}

Awaitable<> Session::run() {
  using net::experimental::awaitable_operators::operator||;
  socket_.rest(true);
  co_await (read_requests() || write_answers());
  outgoing_.close();
  for (const auto& [id, signal] : running_) signal->emit(net::cancellation_type::terminal);
  boost::system::error_code ended;
  while (!running_.empty()) co_await at_rest_.async_wait(net::redirect_error(net::use_awaitable, ended));
}

Awaitable<> Session::read_requests() {
  for (;;) {
    std::optional<std::string> text = co_await socket_.read();
    if (!text) co_return;
    co_await take(std::move(*text));
  }
}

Awaitable<> Session::write_answers() {
  try {
    for (;;) {
      const std::string text = co_await outgoing_.async_receive(net::use_awaitable);
      co_await socket_.write(text);
    }
  } catch (const std::exception&) {
    // The client has gone.
  }
}

Awaitable<> Session::take(std::string text) {
  ordered_json id;
  SocketRequest request;
  std::optional<Refusal> refusal;
  try {
    const ordered_json message = parse_json_object(text, "the message");
    id = message.value("id", ordered_json());
    request = request_of(message);
    if (running_.contains(json_text(request.id)))
      refuse_param("id", "is that of a request that is being answered");
    if (running_.size() >= kMostRunning && request.function->name != "cancel") {
      throw Refusal(503, ErrorCode::kServer,
                    fmt::format("the socket has {} requests at work, which is the most", kMostRunning));
    }
    admit(request, text.size());
  } catch (const Refusal& fault) {
    refusal = fault;
  }
  if (!refusal) co_return start(std::move(request));
  if (request.record) end(request, refusal->status);
  co_await send_error(id, *refusal);
}

void Session::admit(SocketRequest& request, size_t bytes) {
  request.record = std::make_shared<RequestRecord>();
  request.record->part_of = exchange_.record;
  if (request.function->is_charged) refuse_while_ending(service_);
  if (!service_.callers.ask_for_keys()) return;
  // The key may have been changed since the socket was opened.
  request.record->key = service_.callers.identify_again(exchange_.record->key.get());
  require_scope(*request.record, Scope::kModels);
  Headers untold;
  if (request.function->is_charged) charge(service_, *request.record, bytes, untold);
}

void Session::end(SocketRequest& request, int status) {
  const RequestRecord& record = *request.record;
  const std::chrono::duration<double> time = RequestRecord::Clock::now() - record.began;
  service_.metrics.count_request(exchange_.record->route, request.function->name, status, record.key_id(),
                                 time.count());
  request.record.reset();
}

void Session::start(SocketRequest request) {
  const std::string key = json_text(request.id);
  socket_.rest(false);
  auto& signal = running_[key];
  signal = std::make_unique<net::cancellation_signal>();
  const auto ended = [this, key](const std::exception_ptr&) {
    running_.erase(key);
    if (!running_.empty()) return;
    socket_.rest(true);
    at_rest_.cancel();
  };
  net::co_spawn(executor_, answer(std::move(request)), net::bind_cancellation_slot(signal->slot(), ended));
}

Awaitable<> Session::answer(SocketRequest request) {
  std::optional<Refusal> refusal;
  bool cancelled = false;
  try {
    ordered_json data = co_await request.function->run(*this, request);
    end(request, 200);  // first: who hears of it may ask again
    co_await send(request, "complete", std::move(data));
  } catch (const Refusal& fault) {
    refusal = fault;
  } catch (const boost::system::system_error&) {
    cancelled = true;
  } catch (const std::exception& fault) {
    refusal = Refusal(500, ErrorCode::kInternal, fmt::format("a fault of the server: {}", fault.what()));
  }
  if (request.record) end(request, refusal ? refusal->status : kClientLeft);
  co_await net::this_coro::reset_cancellation_state();
  if (refusal) co_await send_error(request.id, *refusal);
  if (cancelled) co_await send(request, "cancelled", ordered_json());
}

bool Session::cancel(const ordered_json& id) {
  const auto found = running_.find(json_text(id));
  if (found == running_.end()) return false;
  found->second->emit(net::cancellation_type::terminal);
  return true;
}

Awaitable<> Session::send(const SocketRequest& request, std::string status, ordered_json data) {
  const ordered_json message = {{"id", request.id}, {"status", std::move(status)}, {"data", std::move(data)}};
  co_await outgoing_.async_send(boost::system::error_code(), json_text(message), net::use_awaitable);
}

Awaitable<> Session::send_error(ordered_json id, const Refusal& refusal) {
  ordered_json error = {
      {"code", error_code_name(refusal.code)}, {"message", refusal.message}, {"status", refusal.status}};
  if (!refusal.param.empty()) error["param"] = refusal.param;
  if (refusal.faults) error["faults"] = *refusal.faults;
  if (refusal.retry_after) error["retryAfter"] = refusal.retry_after->count();
  const ordered_json message = {{"id", std::move(id)}, {"status", "error"}, {"error", std::move(error)}};
  co_await outgoing_.async_send(boost::system::error_code(), json_text(message), net::use_awaitable);
}

}  // namespace hearth::serve::socket
