/** The one kind of error that Hearth throws and rejects with, and its stable codes. */

import type { error_codes } from "./error_codes.js";

export type HearthErrorCode = (typeof error_codes)[number];

const brand = Symbol.for("hearth.error");

export class HearthError extends Error {
  /** Those of another copy of this package are HearthErrors, too: @hearth/web has one built in. */
  static override [Symbol.hasInstance](value: unknown): value is HearthError {
    return typeof value === "object" && value !== null && brand in value;
  }

  /** @internal */
  get [brand](): true {
    return true;
  }

  override readonly name = "HearthError";
  readonly code: HearthErrorCode;
  /** What else is known: a URL, a status, a path. */
  readonly details: Record<string, unknown>;
  constructor(code: HearthErrorCode, message: string, details: Record<string, unknown> & { cause?: unknown } = {}) {
    const { cause, ...rest } = details;
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.details = rest;
  }

  /** `error` itself if it is one, or one that says the same under `code`. */
  static from(error: unknown, code: HearthErrorCode = "INTERNAL"): HearthError {
    if (error instanceof HearthError) return error;
    if (!(error instanceof Error)) return new HearthError(code, String(error));
    if (error.name === "AbortError") return new HearthError("ABORTED", "aborted by the caller", { cause: error });
    if (error.name === "TimeoutError") return new HearthError("TIMEOUT", error.message, { cause: error });
    return new HearthError(code, error.message, { cause: error });
  }

  /** The error that an aborted `signal` stands for: TIMEOUT for AbortSignal.timeout(), otherwise ABORTED. */
  static aborted(signal?: AbortSignal): HearthError {
    const reason: unknown = signal?.reason;
    if (reason instanceof HearthError) return reason;
    const timed_out = reason instanceof Error && reason.name === "TimeoutError";
    return new HearthError(
      timed_out ? "TIMEOUT" : "ABORTED",
      timed_out ? "the deadline passed" : "aborted by the caller",
      {
        cause: reason,
      },
    );
  }
}
