// How errors are written: each of the APIs has a form of its own.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>

#include "apps/serve/http/exchange.h"
#include "apps/serve/refusal.h"

namespace hearth::serve {

enum class Dialect : uint8_t { kOpenai, kAnthropic, kOllama };

nlohmann::ordered_json error_json(Dialect dialect, const Refusal& refusal);

/// Answers a request with an error, or ends the events that were being written with one.
Awaitable<> write_refusal(Exchange& exchange, Dialect dialect, const Refusal& refusal);

}  // namespace hearth::serve
