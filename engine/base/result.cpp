#include "engine/base/result.h"

namespace hearth {

std::string_view error_code_name(ErrorCode code) {
  switch (code) {
    case ErrorCode::kAborted:
      return "ABORTED";
    case ErrorCode::kTimeout:
      return "TIMEOUT";
    case ErrorCode::kNetwork:
      return "NETWORK";
    case ErrorCode::kIntegrity:
      return "INTEGRITY";
    case ErrorCode::kInvalidModel:
      return "INVALID_MODEL";
    case ErrorCode::kUnsupportedModel:
      return "UNSUPPORTED_MODEL";
    case ErrorCode::kModelTooLarge:
      return "MODEL_TOO_LARGE";
    case ErrorCode::kOutOfMemory:
      return "OUT_OF_MEMORY";
    case ErrorCode::kContextOverflow:
      return "CONTEXT_OVERFLOW";
    case ErrorCode::kCacheQuota:
      return "CACHE_QUOTA";
    case ErrorCode::kDeviceLost:
      return "DEVICE_LOST";
    case ErrorCode::kInvalidArgument:
      return "INVALID_ARGUMENT";
    case ErrorCode::kNotFound:
      return "NOT_FOUND";
    case ErrorCode::kIo:
      return "IO";
    case ErrorCode::kDisposed:
      return "DISPOSED";
    case ErrorCode::kServer:
      return "SERVER";
    case ErrorCode::kInternal:
      return "INTERNAL";
  }
  return "INTERNAL";
}

}  // namespace hearth
