/** The stable codes of errors: made from engine/base/error_codes.cpp by error_codes_test.cpp. */

export const error_codes = [
  "ABORTED",
  "TIMEOUT",
  "NETWORK",
  "INTEGRITY",
  "INVALID_MODEL",
  "UNSUPPORTED_MODEL",
  "MODEL_TOO_LARGE",
  "OUT_OF_MEMORY",
  "CONTEXT_OVERFLOW",
  "CACHE_QUOTA",
  "DEVICE_LOST",
  "INVALID_ARGUMENT",
  "NOT_FOUND",
  "IO",
  "DISPOSED",
  "SERVER",
  "INTERNAL",
  "UNSUPPORTED",
  "WORKER_NOT_SUPPORTED",
] as const;
