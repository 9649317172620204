// Files of models are mapped. One that is cut short while its model is loaded, as by copying another one over
// it, has pages that can't be read any more, and the system ends a process that tries to (SIGBUS).
#pragma once

#include <chrono>

namespace hearth::serve {

/// From now on such pages read as zeros, and the process goes on.
void survive_lost_pages();

/// Whether a page was lost since then: what any model has computed since may be wrong.
bool pages_were_lost_since(std::chrono::steady_clock::time_point then);
/// Throws a Refusal where one was.
void refuse_pages_lost_since(std::chrono::steady_clock::time_point then);

}  // namespace hearth::serve
