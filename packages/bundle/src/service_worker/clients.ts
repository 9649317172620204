/**
 * Which version the open pages came from. A page goes on with the files of its own version while others are opened with a
 * newer one. Browsers end service workers at any time, so what they know of this is kept with the files.
 */

import { all_caches, own_cache, prefix, scope } from "./kept_files.js";

declare const self: ServiceWorkerGlobalScope;

interface Known {
  /** The cache of the version that new pages come from. */
  newest: string;
  /** Those of pages and workers that came from others, by their clients' ids. */
  earlier: Record<string, string>;
}

const place = `${prefix}known`;
let known: Promise<Known> | undefined;

function known_now(): Promise<Known> {
  known ??= read();
  return known;
}

async function read(): Promise<Known> {
  const found = await (await caches.open(place)).match(scope);
  return found ? found.json() : { newest: own_cache, earlier: {} };
}

async function write(changed: Known): Promise<void> {
  known = Promise.resolve(changed);
  await (await caches.open(place)).put(scope, new Response(JSON.stringify(changed)));
}

/** When this version takes the place of another: pages that are open go on with what they had. */
export async function remember_open_pages(): Promise<void> {
  const { newest: before, earlier } = await read();
  const had = before === own_cache ? [] : (await open_clients()).map(({ id }) => [id, earlier[id] ?? before]);
  await write({ newest: own_cache, earlier: Object.fromEntries(had) });
  await forget_closed_pages();
}

/** Deletes what no open page needs any more. */
export async function forget_closed_pages(): Promise<void> {
  const { newest, earlier } = await known_now();
  if (newest !== own_cache) return; // another version has taken its place
  const open = (await open_clients()).map(({ id }) => id);
  const left = Object.entries(earlier).filter(([id]) => open.includes(id));
  if (left.length < Object.keys(earlier).length) await write({ newest, earlier: Object.fromEntries(left) });
  const needed = new Set([place, own_cache, ...left.map(([, cache]) => cache)]);
  const { installing, waiting } = self.registration;
  if (installing ?? waiting) return; // a version that follows fills a cache of its own
  for (const cache of await all_caches()) if (!needed.has(cache)) await caches.delete(cache);
}

function open_clients(): Promise<readonly Client[]> {
  return self.clients.matchAll({ type: "all", includeUncontrolled: true });
}

/** The cache of a client's version. */
export async function cache_for(client: string): Promise<string> {
  const { earlier } = await known_now();
  return earlier[client] ?? own_cache;
}

/** A client has begun with what another has. */
export async function same_as(client: string, begun: string): Promise<void> {
  const { newest, earlier } = await known_now();
  const cache = earlier[client];
  if (cache) await write({ newest, earlier: { ...earlier, [begun]: cache } });
}
