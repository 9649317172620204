// The engine's failures as what ends a request.
#pragma once

#include "apps/serve/refusal.h"
#include "bindings/engine_thread/engine_thread.h"

namespace hearth::serve {

/// Of a status other than HEARTH_OK. The engine's own codes are numbered as the C interface numbers them,
/// from 1.
inline Refusal refusal_of(const Failure& failure) {
  return Refusal(Error{static_cast<ErrorCode>(static_cast<int>(failure.status) - 1), failure.message});
}

}  // namespace hearth::serve
