/** Requests of workflows to servers, of which the host has allowed some. */

import { HearthError } from "../errors.js";
import { refused } from "../sources/http.js";

export interface HttpRequest {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string;
}

const most_redirects = 10;
const most_bytes = 16 * 2 ** 20;

/** The origins as URLs have them. INVALID_ARGUMENT for what is none. */
export function allowed_origins(origins: string[]): Set<string> {
  return new Set(
    origins.map((origin) => {
      const url = typeof origin === "string" && URL.canParse(origin) ? new URL(origin) : undefined;
      const is_origin = url && /^https?:$/.test(url.protocol) && `${url.origin}/` === url.href;
      if (is_origin) return url.origin;
      throw new HearthError(
        "INVALID_ARGUMENT",
        `allowOrigins: '${String(origin)}' is no origin: give a scheme, a host and no path, such as https://example.org`,
      );
    }),
  );
}

/** Asks the server, and those that it redirects to, each only where its origin is allowed. */
export async function request_http(request: HttpRequest, allowed: Set<string>, signal: AbortSignal) {
  let { method, body } = request;
  let headers = new Headers(request.headers);
  let url = address(request.url, allowed);
  for (let redirects = 0; redirects <= most_redirects; redirects++) {
    const response = await fetch_once(url, { method, headers, body: method === "GET" ? undefined : body, signal });
    const location = redirect_of(response, url);
    if (location === undefined) {
      const text = await text_within(response, url.href, most_bytes);
      return { status: response.status, headers: Object.fromEntries(response.headers), body: text };
    }
    void response.body?.cancel().catch(() => {});
    const next = address(location, allowed, url);
    // What it sends was meant for the first.
    if (next.origin !== url.origin) headers = new Headers();
    if (response.status === 303 || (response.status < 303 && method === "POST")) {
      method = "GET";
      body = "";
      headers.delete("content-type");
    }
    url = next;
  }
  throw new HearthError("SERVER", `${request.url}: the server redirects without an end`);
}

function address(text: string, allowed: Set<string>, from?: URL): URL {
  if (!URL.canParse(text, from?.href)) throw new HearthError("INVALID_ARGUMENT", `'${text}' is no address`);
  const url = new URL(text, from);
  if (allowed.has(url.origin)) return url;
  const where = from === undefined ? `requests to ${url.origin}` : `${from.href} redirects to ${url.origin}, and that`;
  const verb = from === undefined ? "are" : "is";
  throw new HearthError(
    "UNSUPPORTED",
    `${where} ${verb} not allowed: give allowOrigins: [${JSON.stringify(url.origin)}] to allow it`,
  );
}

async function fetch_once(url: URL, init: RequestInit): Promise<Response> {
  try {
    // Without the cookies that a page's user has at the server.
    return await fetch(url, { ...init, redirect: "manual", credentials: "omit" });
  } catch (error) {
    if (init.signal?.aborted) throw HearthError.aborted(init.signal);
    const why = (error as Error).cause ?? (error as Error).message;
    throw new HearthError("NETWORK", `${url.href}: ${String(why)}`, { cause: error });
  }
}

/** Where the server sends to. Browsers do not tell. */
function redirect_of(response: Response, url: URL): string | undefined {
  if (response.type === "opaqueredirect") {
    throw new HearthError(
      "UNSUPPORTED",
      `${url.href} redirects, and browsers do not tell where to: use the address that it leads to`,
    );
  }
  const is_redirect = [301, 302, 303, 307, 308].includes(response.status);
  return is_redirect ? (response.headers.get("location") ?? undefined) : undefined;
}

/** A file by its address. */
export async function fetch_text(url: string, signal: AbortSignal): Promise<string> {
  const response = await fetch(url, { signal }).catch((error: Error) => {
    if (signal.aborted) throw HearthError.aborted(signal);
    throw new HearthError("NETWORK", `${url}: ${String(error.cause ?? error.message)}`, { cause: error });
  });
  if (!response.ok) throw refused(url, response);
  return text_within(response, url, most_bytes);
}

/** SERVER where the body is longer. */
async function text_within(response: Response, url: string, most: number): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  const reader = response.body?.getReader();
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: undefined };
    if (done) return text + decoder.decode();
    bytes += value.length;
    if (bytes > most) {
      void reader?.cancel().catch(() => {});
      throw new HearthError("SERVER", `${url}: the answer is longer than ${most} bytes`);
    }
    text += decoder.decode(value, { stream: true });
  }
}
