#include "apps/serve/refusal.h"

#include <fmt/core.h>

namespace hearth::serve {

int Refusal::status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
    case ErrorCode::kContextOverflow:
      return 400;
    case ErrorCode::kNotFound:
      return 404;
    case ErrorCode::kUnsupported:
    case ErrorCode::kUnsupportedModel:
      return 501;
    case ErrorCode::kOutOfMemory:
    case ErrorCode::kDisposed:
    case ErrorCode::kAborted:
      return 503;
    case ErrorCode::kTimeout:
      return 504;
    default:
      return 500;
  }
}

void refuse_param(std::string param, const std::string& message) {
  throw Refusal(400, ErrorCode::kInvalidArgument, fmt::format("{}: {}", param, message))
      .about(std::move(param));
}

}  // namespace hearth::serve
