// Where requests come in: each is brought to its handler, and what keeps it from there, or ends it, is told
// its client.
#pragma once

#include "apps/serve/http/handler.h"
#include "apps/serve/service.h"

namespace hearth::serve {

class Gate final : public HttpHandler {
 public:
  Gate(Service& service, const Routes& routes) : service_(service), routes_(routes) {}

  Awaitable<> answer(Exchange& exchange) override;
  Awaitable<> refuse(Exchange& exchange, const Refusal& refusal) override;
  void end(Exchange& exchange, bool left) override;

 private:
  Service& service_;
  const Routes& routes_;
};

}  // namespace hearth::serve
