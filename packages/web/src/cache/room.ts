/** Makes room in the cache: the least recently used models that nobody reads go first. */

import { HearthError } from "@hearth/core";
import { if_free } from "./locks.js";
import type { Store } from "./store.js";

/** Held by whoever writes a file (alone) or reads it (with others). */
export function lock_name(cache: string, key: string): string {
  return `hearth:${cache}:${key}`;
}

export interface Room {
  cache: string;
  store: Store;
  /** Bytes that the whole cache may take. */
  most: number;
}

/** Deletes until `bytes` more fit. `keep` is the file that they are for. CACHE_QUOTA where they never will. */
export async function make_room(room: Room, bytes: number, keep: string): Promise<void> {
  const missing = async () => {
    const used = await used_by(room.store);
    return Math.max(bytes - (await free_space()), used + bytes - room.most);
  };
  if ((await missing()) <= 0) return;
  const partials = (await room.store.partials()).filter(({ key }) => key !== keep);
  const entries = (await room.store.entries())
    .filter(({ key }) => key !== keep)
    .sort((a, b) => a.lastUsed - b.lastUsed);
  for (const { key } of [...partials, ...entries]) {
    await if_free(lock_name(room.cache, key), () => room.store.delete(key));
    if ((await missing()) <= 0) return;
  }
  throw quota_error(bytes, await missing());
}

export function quota_error(bytes: number, missing?: number): HearthError {
  const lack = missing === undefined || !Number.isFinite(missing) ? "" : `; ${missing} bytes are missing`;
  return new HearthError(
    "CACHE_QUOTA",
    `${bytes} bytes do not fit into the storage that the browser grants this site${lack}: delete cached models, or load it with cache: false`,
    { bytes, missing },
  );
}

export async function used_by(store: Store): Promise<number> {
  const files = [...(await store.entries()), ...(await store.partials())];
  return files.reduce((sum, { size }) => sum + size, 0);
}

/** Infinity where the browser does not say. */
async function free_space(): Promise<number> {
  const { quota, usage } = (await navigator.storage?.estimate?.()) ?? {};
  return quota === undefined ? Infinity : quota - (usage ?? 0);
}
