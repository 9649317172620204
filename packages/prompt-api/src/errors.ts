/** The exceptions of the Prompt API, from those of Hearth. */

import { HearthError, type HearthErrorCode } from "@hearth/web";

const names: Partial<Record<HearthErrorCode, string>> = {
  ABORTED: "AbortError",
  TIMEOUT: "TimeoutError",
  NETWORK: "NetworkError",
  NOT_FOUND: "NetworkError",
  SERVER: "NetworkError",
  INTEGRITY: "NetworkError",
  INVALID_ARGUMENT: "NotSupportedError",
  UNSUPPORTED: "NotSupportedError",
  UNSUPPORTED_MODEL: "NotSupportedError",
  MODEL_TOO_LARGE: "NotSupportedError",
  WORKER_NOT_SUPPORTED: "NotSupportedError",
  DISPOSED: "InvalidStateError",
};

/** What is no HearthError stays as it is. `otherwise` names those that the Prompt API has no name for. */
export function exception_of(error: unknown, otherwise: "OperationError" | "UnknownError"): unknown {
  if (!(error instanceof HearthError)) return error;
  const exception = new DOMException(error.message, names[error.code] ?? otherwise);
  Object.defineProperty(exception, "cause", { value: error, configurable: true, writable: true });
  return exception;
}

type QuotaClass = new (message: string, figures: { requested: number; quota: number }) => DOMException;

/** Browsers that have no class of that name had a DOMException of it, without the figures. */
class OlderQuotaExceededError extends DOMException {
  readonly requested: number;
  readonly quota: number;

  constructor(message: string, { requested, quota }: { requested: number; quota: number }) {
    super(message, "QuotaExceededError");
    this.requested = requested;
    this.quota = quota;
  }
}

export function quota_exceeded(requested: number, quota: number): DOMException {
  const native = (globalThis as { QuotaExceededError?: QuotaClass }).QuotaExceededError;
  const message = `the input takes ${requested} tokens of a context window of ${quota}: shorten it, or load the model with a larger contextSize`;
  return new (native ?? OlderQuotaExceededError)(message, { requested, quota });
}
