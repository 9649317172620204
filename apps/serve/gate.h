// Where requests come in: each is held to what its caller may do and brought to its handler; what keeps it
// from there, or ends it, is told its client; and what came of it is counted and logged.
#pragma once

#include "apps/serve/http/handler.h"
#include "apps/serve/operation/log.h"
#include "apps/serve/operation/request_record.h"
#include "apps/serve/service.h"

namespace hearth::serve {

class Gate final : public HttpHandler {
 public:
  Gate(Service& service, const Routes& routes) : service_(service), routes_(routes) {}

  Awaitable<> answer(Exchange& exchange) override;
  Awaitable<> refuse(Exchange& exchange, const Refusal& refusal) override;
  void end(Exchange& exchange, bool left) override;

 private:
  void begin(Exchange& exchange);
  void check_origin(Exchange& exchange);
  void admit(Exchange& exchange, const Route& route);
  void log(const Exchange& exchange, LogLevel level, int status, double seconds) const;

  Service& service_;
  const Routes& routes_;
};

}  // namespace hearth::serve
