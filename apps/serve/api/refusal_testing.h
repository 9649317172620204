// For tests of what reads requests.
#pragma once

#include <gtest/gtest.h>

#include "apps/serve/refusal.h"

namespace hearth::serve {

/// What `read` refuses with.
template <typename Read>
Refusal refusal_of_reading(const Read& read) {
  try {
    read();
  } catch (const Refusal& refusal) {
    return refusal;
  }
  ADD_FAILURE() << "nothing is refused";
  return Refusal(Error{ErrorCode::kInternal, ""});
}

}  // namespace hearth::serve
