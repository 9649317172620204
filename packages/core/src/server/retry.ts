/** When a request is sent again. */

import { HearthError } from "../errors.js";

const first_milliseconds = 500;
const most_milliseconds = 8000;
/** Who is told to wait longer than this, is told so by the error, and decides. */
const most_seconds_to_wait = 60;

/**
 * Milliseconds until the request may be sent for the time after `tries`; undefined: it is not. Each wait is twice the one
 * before, less up to a quarter, so that those who were refused together do not come back together. `repeatable`: it does
 * no more when the server gets it twice.
 */
export function delay_before_retry(error: HearthError, tries: number, repeatable: boolean): number | undefined {
  const { status, retryAfter } = error.details as { status?: number; retryAfter?: number };
  const unheard = error.code === "NETWORK" && status === undefined && repeatable;
  if (status !== 429 && status !== 503 && !unheard) return undefined;
  if (retryAfter !== undefined) return retryAfter <= most_seconds_to_wait ? retryAfter * 1000 : undefined;
  const longest = Math.min(first_milliseconds * 2 ** (tries - 1), most_milliseconds);
  return longest * (1 - Math.random() / 4);
}

/** Rejects with ABORTED or TIMEOUT as soon as one of the signals says so. */
export function pause(milliseconds: number, signals: (AbortSignal | undefined)[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const aborted = signals.find((signal) => signal?.aborted);
    if (aborted) return reject(HearthError.aborted(aborted));
    const end = (event?: Event) => {
      clearTimeout(timer);
      for (const signal of signals) signal?.removeEventListener("abort", end);
      if (event) reject(HearthError.aborted(event.target as AbortSignal));
      else resolve();
    };
    const timer = setTimeout(end, milliseconds);
    for (const signal of signals) signal?.addEventListener("abort", end);
  });
}
