// How a download goes, as its client is told.
#pragma once

#include "apps/serve/http/exchange.h"
#include "apps/serve/models/pull.h"

namespace hearth::serve::native {

/// Begins the events of an answer and writes one whenever there is progress, until the model is there. What
/// can't be begun is refused with a status of its own.
Awaitable<> tell_progress(Exchange& exchange, Pull& download);

}  // namespace hearth::serve::native
