/** Asks a server about a file before it is downloaded. */

import { HearthError } from "@hearth/core";

export interface RequestContext {
  headers: Record<string, string>;
  signal: AbortSignal | undefined;
}

export interface RemoteFile {
  url: string;
  /** In bytes; Infinity where the server does not say. */
  size: number;
  /** What changes when the file does: its ETag, or its date; "" where the server tells (or shows) neither. */
  validator: string;
  /** Whether the server sends parts of it. */
  ranges: boolean;
}

/** NOT_FOUND, SERVER, or NETWORK where asking again may help. */
export async function inspect(url: string, context: RequestContext): Promise<RemoteFile> {
  const head = await request(url, context, { method: "HEAD" });
  const size = head.ok ? length_of(head) : Infinity;
  if (Number.isFinite(size) && head.headers.get("accept-ranges") === "bytes") {
    return { url, size, validator: validator_of(head), ranges: true };
  }
  // Some refuse HEAD, and of a server elsewhere not every header is shown: one byte tells more.
  const probe = await request(url, context, { headers: { range: "bytes=0-0" } });
  void probe.body?.cancel().catch(() => {});
  if (!probe.ok) throw refused(url, probe);
  const ranges = probe.status === 206;
  return {
    url,
    size: Number.isFinite(size) ? size : ranges ? total_of(probe) : length_of(probe),
    validator: validator_of(probe),
    ranges,
  };
}

/** Past the browser's HTTP cache: a model is kept once. */
export async function request(url: string, context: RequestContext, init: RequestInit = {}): Promise<Response> {
  try {
    return await fetch(url, {
      ...init,
      headers: { ...context.headers, ...(init.headers as Record<string, string>) },
      signal: context.signal ?? null,
      cache: "no-store",
    });
  } catch (error) {
    if (context.signal?.aborted) throw HearthError.aborted(context.signal);
    const why = `${(error as Error).message}; is the server reachable, and does it allow requests from this page (CORS)?`;
    throw new HearthError("NETWORK", `${url}: ${why}`, { url, cause: error });
  }
}

export function refused(url: string, { status, statusText }: Response): HearthError {
  const message = `${url}: the server answered ${status} ${statusText}`.trimEnd();
  if (status === 404 || status === 410) return new HearthError("NOT_FOUND", message, { url, status });
  // What may pass is tried again.
  const passing = status === 408 || status === 429 || status >= 500;
  return new HearthError(passing ? "NETWORK" : "SERVER", message, { url, status });
}

export function validator_of({ headers }: Response): string {
  const tag = headers.get("x-linked-etag") ?? headers.get("etag");
  return tag !== null && !tag.startsWith("W/") ? tag : (headers.get("last-modified") ?? "");
}

function length_of({ headers }: Response): number {
  // What arrives of a compressed answer has another length than what was sent.
  const compressed = (headers.get("content-encoding") ?? "identity") !== "identity";
  const length = headers.get("content-length");
  return compressed || length === null ? Infinity : Number(length);
}

function total_of({ headers }: Response): number {
  const total = /\/(\d+)$/.exec(headers.get("content-range") ?? "")?.[1];
  return total === undefined ? Infinity : Number(total);
}
