// A request and the answer to it, as handlers see them: they know no sockets. What awaits here throws where
// the client has gone, so that a handler is left and gives back what it holds.
#pragma once

#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>

#include "apps/serve/http/request.h"
#include "apps/serve/http/web_socket.h"
#include "apps/serve/net.h"

namespace hearth::serve {

struct RequestRecord;

class Exchange {
 public:
  explicit Exchange(Request asked) : request(std::move(asked)) {}
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;
  virtual ~Exchange() = default;

  const Request request;
  /// Go with whatever is answered.
  Headers reply_headers;
  /// What the service notes of it (operation/request_record.h): who asks, and what it took.
  std::shared_ptr<RequestRecord> record;

  /// The answer, whole.
  virtual Awaitable<> reply(int status, std::string_view content_type, std::string body) = 0;

  /// An answer that is written piece by piece; each returns when the client's connection has taken it, so
  /// that who writes goes no faster than who reads.
  virtual Awaitable<> begin(int status, std::string_view content_type) = 0;
  virtual Awaitable<> write(std::string_view piece) = 0;
  virtual Awaitable<> end() = 0;

  /// Answers with the handshake of a WebSocket, on which it goes on. Throws a Refusal where the request asks
  /// for none.
  virtual Awaitable<std::unique_ptr<WebSocket>> accept_web_socket() = 0;

  /// How long the answer may take from now on, to its end.
  virtual void allow(std::chrono::milliseconds time) = 0;

  /// The status that was answered; 0 where nothing has been yet.
  int status() const { return status_; }

 protected:
  int status_ = 0;
};

Awaitable<> reply_json(Exchange& exchange, const nlohmann::ordered_json& json, int status = 200);

/// The body as JSON: an object, or a Refusal. Its depth is bounded.
nlohmann::ordered_json json_body(const Request& request);

/// Server-Sent Events: "data: ...\n\n", with "event: NAME" before it where it has a name. Those that have
/// begun are not begun again.
Awaitable<> begin_events(Exchange& exchange);
Awaitable<> write_event(Exchange& exchange, const nlohmann::ordered_json& data, std::string_view name = {});
/// The same with JSON as text, which is one line.
Awaitable<> write_event_text(Exchange& exchange, std::string data, std::string name);

}  // namespace hearth::serve
