/** The bundle's files in the browser's cache: each version has one of its own, filled before it is used. */

import { isolated } from "./isolation.js";

declare const self: ServiceWorkerGlobalScope & {
  /** Written before this script by `hearth bundle`: the SHA-256 of each file, by its path. */
  readonly bundle: { version: string; files: Record<string, string> };
};

const { version, files } = self.bundle;
export const { scope } = self.registration;

/** Of the names of caches of this bundle, whatever their version. */
export const prefix = `hearth-bundle ${scope} `;
export const own_cache = prefix + version;

/** Of what is kept, in its response. */
const checksum_header = "x-hearth-sha256";

/** Requests at a time. */
const most_at_once = 6;

/** What an address means within the bundle; undefined for those of other places, and of the model's chunks. */
export function path_of(address: string): string | undefined {
  const { href, origin, pathname } = new URL(address);
  if (!href.startsWith(scope)) return undefined;
  const path = decoded(`${origin}${pathname}`.slice(scope.length));
  const file = path === "" || path.endsWith("/") ? `${path}index.html` : path;
  return file.startsWith("model/") && !Object.hasOwn(files, file) ? undefined : file;
}

export async function kept(path: string, cacheName = own_cache): Promise<Response | undefined> {
  return caches.match(address_of(path), { cacheName });
}

export async function all_caches(): Promise<string[]> {
  return (await caches.keys()).filter((cache) => cache.startsWith(prefix));
}

/** Rejects, and keeps none, where one cannot be had or is not what it should be. */
export async function keep_files(): Promise<void> {
  const cache = await caches.open(own_cache);
  const before = (await all_caches()).filter((cache) => cache !== own_cache);
  const left = Object.entries(files);
  const keep_in_turns = async () => {
    for (let next = left.pop(); next; next = left.pop()) await keep(cache, before, ...next);
  };
  try {
    await Promise.all(Array.from({ length: most_at_once }, keep_in_turns));
  } catch (error) {
    await caches.delete(own_cache);
    throw error;
  }
}

async function keep(cache: Cache, before: string[], path: string, sha256: string): Promise<void> {
  const address = address_of(path);
  for (const cacheName of before) {
    const same = await caches.match(address, { cacheName });
    if (same?.headers.get(checksum_header) === sha256) return cache.put(address, same);
  }
  // Asks the host whether what the browser may have of it is still the same.
  const response = await fetch(address, { cache: "no-cache" });
  if (!response.ok) throw new Error(`${address}: the host answers ${response.status}`);
  const bytes = await response.arrayBuffer();
  const found = hex(await crypto.subtle.digest("SHA-256", bytes));
  if (found !== sha256) throw new Error(`${address}: its SHA-256 is ${found}, and the bundle says ${sha256}`);
  // Browsers compile the engine while it comes only where it is called what it is, as few hosts do.
  const type = path.endsWith(".wasm") ? "application/wasm" : response.headers.get("content-type");
  const whole = new Response(bytes, { headers: type === null ? {} : { "content-type": type } });
  await cache.put(address, isolated(whole, { [checksum_header]: sha256 }));
}

function address_of(path: string): string {
  return scope + path.split("/").map(encodeURIComponent).join("/");
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path; // a stray percent sign
  }
}

function hex(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
