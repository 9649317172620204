/** What says where a server is and how it is asked, as users give it and as requests need it. */

import { HearthError } from "../errors.js";
import type { OptionTable } from "../option.js";
import { check_options } from "../options.js";

export interface ServerOptions {
  /** Models run on a server: `hearth serve`. */
  mode: "server";
  /** Its address, "http://127.0.0.1:8080"; with a path where a proxy has it under one. In a page also relative to it. */
  endpoint: string;
  /** Sent as `Authorization: Bearer ...`. What a page sends, its visitors can read. */
  apiKey?: string;
  /** Sent with every request. */
  headers?: Record<string, string>;
  /** In place of the platform's own: for proxies, sockets, tests. */
  fetch?: typeof globalThis.fetch;
  /** Milliseconds that the server may be silent while it owes an answer; then TIMEOUT. Default: 600,000. */
  timeout?: number;
  /** How often a request is sent again that the server had no place for (429, 503) or that did not reach it. Default: 2. */
  maxRetries?: number;
}

/** Of ServerOptions. A key is checked below, by a message that does not have it. */
export const server_options = {
  endpoint: { type: "some text" },
  apiKey: { type: "any" },
  headers: { type: "object" },
  fetch: { type: "function" },
  timeout: { type: "number", least: 1, most: 2 ** 31 - 1 },
  maxRetries: { type: "integer", least: 0, most: 100 },
} as const satisfies OptionTable;

/** Checked, and complete. */
export interface ServerAccess {
  /** Without a slash at the end. */
  endpoint: string;
  headers: Headers;
  fetch: typeof globalThis.fetch;
  timeout: number;
  maxRetries: number;
}

export function server_access({ mode: _, ...options }: ServerOptions): ServerAccess {
  check_options(options, server_options);
  return {
    endpoint: address_of(options.endpoint),
    headers: headers_of(options),
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
    timeout: options.timeout ?? 600_000,
    maxRetries: options.maxRetries ?? 2,
  };
}

/** Where the paths of requests begin. Clients of other APIs have a "/v1" at the end, which is theirs. */
function address_of(endpoint: string | undefined): string {
  if (endpoint === undefined) throw invalid('mode "server" needs an endpoint, such as "http://127.0.0.1:8080"');
  let url: URL;
  try {
    url = new URL(endpoint, globalThis.document?.baseURI ?? globalThis.location?.href);
  } catch {
    throw invalid('endpoint must be an address, such as "http://127.0.0.1:8080"');
  }
  if (!/^https?:$/.test(url.protocol)) {
    throw invalid(`endpoint must begin with http: or https:, not ${url.protocol}; other ways go by the option fetch`);
  }
  if (url.username || url.password)
    throw invalid("endpoint must have no user or password in it: use apiKey or headers");
  return url.origin + url.pathname.replace(/\/+$/, "").replace(/\/v1$/, "");
}

function headers_of({ apiKey, headers: given = {} }: Omit<ServerOptions, "mode">): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(given)) {
    try {
      headers.set(name, value);
    } catch {
      throw invalid(`headers: '${name}' cannot be sent: its name or its value has characters that no header may have`);
    }
  }
  if (apiKey === undefined) return headers;
  if (typeof apiKey !== "string" || !/^[!-~]+$/.test(apiKey)) {
    throw invalid("apiKey must be a string of visible ASCII characters, without spaces and line ends");
  }
  headers.set("authorization", `Bearer ${apiKey}`);
  return headers;
}

function invalid(message: string): HearthError {
  return new HearthError("INVALID_ARGUMENT", message);
}
