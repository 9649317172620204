/** Asks a server about a file before it is downloaded. */

import { HearthError } from "@hearth/core";
import { validator_of as etag_or_date, is_encoded, length_of, range_of, refused } from "@hearth/core/sources";

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
  /** Whether it comes compressed all the same, and has to come whole: parts would be those of the compressed form. */
  encoded?: boolean;
}

/** NOT_FOUND, SERVER, or NETWORK where asking again may help. */
export async function inspect(url: string, context: RequestContext): Promise<RemoteFile> {
  // Browsers ask for ranges in plain form only, so that the length is the file's.
  const head = await request(url, context, { method: "HEAD", headers: { range: "bytes=0-" } });
  const size = head.ok ? length_of(head) : undefined;
  if (size !== undefined && head.headers.get("accept-ranges") === "bytes") {
    return { url, size, validator: validator_of(head), ranges: true };
  }
  // Some refuse HEAD, and of a server elsewhere not every header is shown: one byte tells more.
  const probe = await request(url, context, { headers: { range: "bytes=0-0" } });
  void probe.body?.cancel().catch(() => {});
  if (probe.status === 416) return { url, size: 0, validator: validator_of(probe), ranges: false }; // not even one
  if (!probe.ok) throw refused(url, probe);
  const validator = validator_of(probe);
  if (is_encoded(probe)) return { url, size: Infinity, validator, ranges: false, encoded: true };
  const ranges = probe.status === 206;
  const total = size ?? (ranges ? range_of(probe).total : length_of(probe));
  return { url, size: total ?? Infinity, validator, ranges };
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

/** Hugging Face sends from elsewhere, with another ETag, but says the file's own. */
export function validator_of(response: Response): string {
  return response.headers.get("x-linked-etag") ?? etag_or_date(response);
}
