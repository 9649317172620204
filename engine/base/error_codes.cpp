#include "engine/base/error_codes.h"

namespace hearth {
namespace {

constexpr ErrorCodeEntry kErrorCodes[] = {
    {ErrorCode::kAborted, "ABORTED", "the caller cancelled", ""},
    {ErrorCode::kTimeout, "TIMEOUT", "a deadline passed", "a later deadline"},
    {ErrorCode::kNetwork, "NETWORK", "a transfer failed", "try again: it goes on where it stopped"},
    {ErrorCode::kIntegrity, "INTEGRITY", "bytes differ from their checksum",
     "load the file again, from a source that is trusted"},
    {ErrorCode::kInvalidModel, "INVALID_MODEL", "the file is damaged or contradicts itself",
     "load or convert it again; the message names the place"},
    {ErrorCode::kUnsupportedModel, "UNSUPPORTED_MODEL", "well-formed, but of a kind that Hearth does not run",
     "another model, or a newer Hearth"},
    {ErrorCode::kModelTooLarge, "MODEL_TOO_LARGE", "needs more memory or address space than there is",
     "a smaller type: `hearth convert`"},
    {ErrorCode::kOutOfMemory, "OUT_OF_MEMORY", "an allocation failed, or no thread could be started",
     "a shorter context (`--context`), a smaller cache (`--kv-type q8_0`), fewer threads (`--threads`)"},
    {ErrorCode::kContextOverflow, "CONTEXT_OVERFLOW", "more tokens than the context holds",
     "a longer context or a shorter prompt"},
    {ErrorCode::kCacheQuota, "CACHE_QUOTA", "the model cache may not grow further", "delete models from it"},
    {ErrorCode::kDeviceLost, "DEVICE_LOST", "the GPU went away", "load the model again"},
    {ErrorCode::kInvalidArgument, "INVALID_ARGUMENT", "the caller asked for something that makes no sense",
     "the message says which argument, and what it may be"},
    {ErrorCode::kNotFound, "NOT_FOUND", "no such file, model or tensor",
     "the message has the path that was tried"},
    {ErrorCode::kIo, "IO", "the operating system could not read or write",
     "the message has the system's reason"},
    {ErrorCode::kDisposed, "DISPOSED", "the object was already closed", ""},
    {ErrorCode::kServer, "SERVER", "a remote server answered with an error", "the message has its answer"},
    {ErrorCode::kInternal, "INTERNAL", "a broken invariant of ours: a bug worth reporting",
     "a bug: please report it"},
    {ErrorCode::kUnsupported, "UNSUPPORTED", "what this version, or this platform, cannot do",
     "the message says what is missing"},
    {ErrorCode::kWorkerNotSupported, "WORKER_NOT_SUPPORTED", "the page cannot start workers",
     "`fallback: true` runs the model on the page's own thread"},
};

}  // namespace

std::span<const ErrorCodeEntry> error_codes() { return kErrorCodes; }

std::string_view error_code_name(ErrorCode code) {
  const auto index = static_cast<size_t>(code);
  return index < std::size(kErrorCodes) ? kErrorCodes[index].name : "INTERNAL";
}

}  // namespace hearth
