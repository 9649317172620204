// How errors are written: each of the APIs has a form of its own.
#pragma once

#include <cstdint>

#include "apps/serve/http/exchange.h"
#include "apps/serve/refusal.h"

namespace hearth::serve {

enum class Dialect : uint8_t { kOpenai, kAnthropic, kOllama };

/// Answers a request with an error, or ends the events that were being written with one.
Awaitable<> write_refusal(Exchange& exchange, Dialect dialect, const Refusal& refusal);

/// Tells the client of a stream of events, which begins with it if it has not, that its answer is to come: by
/// what Anthropic's API has for that, or by a comment, which clients pass over.
Awaitable<> write_sign_of_life(Exchange& exchange, Dialect dialect);

}  // namespace hearth::serve
