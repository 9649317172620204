/** What a server's answer stands for that is not the one that was asked for. */

import { error_codes } from "../error_codes.js";
import { HearthError, type HearthErrorCode } from "../errors.js";

/** What servers say of an error: `{"error": {...}}`. */
interface Said {
  message?: unknown;
  type?: unknown;
  param?: unknown;
  code?: unknown;
}

/** The error of an answer with another status than 2xx. Its `details` have `status`, and what else is known. */
export function refusal_of(response: Response, url: string, body: string): HearthError {
  const said = error_in(body);
  const details = { ...details_of(response, url), ...texts_of(said, ["type", "param"]) };
  if (typeof said?.message !== "string")
    return new HearthError(code_of(response), strange_answer(response, url), details);
  return new HearthError(known_code(said.code) ?? code_of(response), said.message, details);
}

/** An answer that no Hearth server gives. */
export function misunderstood(response: Response, url: string, what: string): HearthError {
  return new HearthError(
    "SERVER",
    `${url}: ${what}: is this the address of a Hearth server?`,
    details_of(response, url),
  );
}

/** A request that did not reach the server, as far as one can tell: browsers say the same of one that it forbids. */
export function unreachable(url: string, error: unknown): HearthError {
  const hint = "is the server running, and does it allow the page's origin where a page asks?";
  return new HearthError("NETWORK", `${url}: ${reason_of(error)}: ${hint}`, { url, cause: error });
}

/** An answer that has begun and does not come to its end. */
export function broken_off(url: string, error?: unknown): HearthError {
  const why = error === undefined ? "" : ` (${reason_of(error)})`;
  return new HearthError("NETWORK", `${url}: the answer broke off${why}: ask again`, { url, cause: error });
}

function reason_of(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error && cause.message !== "" ? `${message} (${cause.message})` : message;
}

/** Of an error that came as an event, or in one. */
export function error_of_event({ code, message }: { code?: unknown; message?: unknown }): HearthError {
  return new HearthError(known_code(code) ?? "SERVER", String(message ?? "the server says nothing of this error"));
}

function strange_answer({ status, statusText, headers, type }: Response, url: string): string {
  if (type === "opaqueredirect" || (status >= 300 && status < 400)) {
    const where = headers.get("location");
    return `${url}: the server redirects${where ? ` to ${where}` : ""}: give the address that it redirects to as endpoint`;
  }
  const answer = `${url}: the server answered ${status} ${statusText}`.trimEnd();
  return `${answer}, without an error that Hearth's would give: is this the address of a Hearth server?`;
}

/** NETWORK where asking again may help. */
function code_of({ status }: Response): HearthErrorCode {
  return status === 408 || status === 429 || status >= 502 ? "NETWORK" : "SERVER";
}

function details_of({ status, headers }: Response, url: string): Record<string, unknown> {
  const seconds = retry_after(headers);
  const requestId = headers.get("x-request-id");
  return { url, status, ...(requestId && { requestId }), ...(seconds !== undefined && { retryAfter: seconds }) };
}

/** Seconds until the server wants to be asked again: a number or a date. */
function retry_after(headers: Headers): number | undefined {
  const text = headers.get("retry-after");
  if (text === null) return undefined;
  const seconds = /^\s*\d+(\.\d+)?\s*$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}

function error_in(body: string): Said | undefined {
  try {
    const { error } = JSON.parse(body) as { error?: Said };
    return typeof error === "object" && error !== null ? error : undefined;
  } catch {
    return undefined;
  }
}

function texts_of(said: Said | undefined, names: (keyof Said)[]): Record<string, unknown> {
  return Object.fromEntries(names.map((name) => [name, said?.[name]]).filter(([, text]) => typeof text === "string"));
}

function known_code(code: unknown): HearthErrorCode | undefined {
  return error_codes.find((known) => known === code);
}
