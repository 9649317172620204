#include "apps/serve/gate.h"

#include <fmt/format.h>

#include <boost/system/system_error.hpp>
#include <new>
#include <optional>

namespace hearth::serve {

namespace {

/// What a failure of a handler is to its client; nothing where the client has gone.
std::optional<Refusal> refusal_of_current_exception() {
  try {
    throw;
  } catch (const Refusal& refusal) {
    return refusal;
  } catch (const boost::system::system_error&) {
    return std::nullopt;
  } catch (const std::bad_alloc&) {
    return Refusal(503, ErrorCode::kOutOfMemory, "the server has no memory left for this");
  } catch (const std::exception& fault) {
    return Refusal(500, ErrorCode::kInternal, fmt::format("a fault of the server: {}", fault.what()));
  }
}

}  // namespace

Awaitable<> Gate::answer(Exchange& exchange) {
  std::optional<Refusal> refusal;
  try {
    const Route& route = route_of(routes_, exchange.request);
    co_await route.handler(service_, exchange);
  } catch (...) {
    refusal = refusal_of_current_exception();
  }
  if (refusal) co_await refuse(exchange, *refusal);
}

Awaitable<> Gate::refuse(Exchange& exchange, const Refusal& refusal) {
  return write_refusal(exchange, Dialect::kOpenai, refusal);
}

void Gate::end(Exchange& /*exchange*/, bool /*left*/) {}

}  // namespace hearth::serve
