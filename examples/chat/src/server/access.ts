/** How the page asks the server that it came from: by @hearth/core, and by requests of its own where that has none. */

import { Hearth, HearthError } from "@hearth/core";

/** Of the tab alone: never in an address, and gone with the tab. */
const key_place = "hearth-chat-key";

export function stored_key(): string {
  return sessionStorage.getItem(key_place) ?? "";
}

export function store_key(key: string): void {
  if (key === "") sessionStorage.removeItem(key_place);
  else sessionStorage.setItem(key_place, key);
}

/** The server with the key as it is now. */
export function server(): Hearth {
  return new Hearth({ mode: "server", endpoint: ".", ...(stored_key() !== "" && { apiKey: stored_key() }) });
}

/** Whether a request failed because it had no key, or none that counts. */
export function wants_a_key(error: unknown): boolean {
  return error instanceof HearthError && error.details.status === 401;
}

interface Asked {
  method?: string;
  /** Sent as JSON; by POST where no other method is named. */
  body?: object;
  signal?: AbortSignal;
}

/** The answer to a request. What is refused is thrown in the server's words. */
export async function ask(
  path: string,
  { body, method = body ? "POST" : "GET", signal }: Asked = {},
): Promise<Response> {
  const response = await fetch(new URL(path, document.baseURI), {
    method,
    ...(body && { body: JSON.stringify(body) }),
    ...(signal && { signal }),
    headers: stored_key() === "" ? {} : { authorization: `Bearer ${stored_key()}` },
  });
  if (response.ok) return response;
  const { error } = await response.json().catch(() => ({}));
  throw new HearthError("SERVER", error?.message ?? `the server answers ${response.status}`, {
    status: response.status,
  });
}
