/** The models that this site has on disk. */

import { HearthError } from "@hearth/core";
import { known_at_hugging_face } from "@hearth/core/sources";
import { IndexedDbStore } from "./indexeddb_store.js";
import { hold, type LockOptions, with_lock } from "./locks.js";
import { OpfsStore } from "./opfs_store.js";
import { lock_name, make_room, quota_error, used_by } from "./room.js";
import { type CacheEntry, type Store, type StoredFile, state_of } from "./store.js";

export interface ModelCacheOptions {
  /** Caches of different names know nothing of each other. Default "hearth-models". */
  name?: string;
  /** Bytes that it may take; default: what the browser grants. */
  maxBytes?: number;
  /** Where it lies; default: the private file system (OPFS), or IndexedDB where that is missing. */
  storage?: "opfs" | "indexeddb";
}

export interface CacheUsage {
  /** In files that are whole. */
  bytes: number;
  /** In downloads that were interrupted. */
  partialBytes: number;
  /** What the browser grants the site, and what of that is taken by everything the site keeps; Infinity and 0 where it does not say. */
  quota: number;
  siteBytes: number;
  /** Whether the browser keeps it even when the disk runs full. */
  persisted: boolean;
}

/** A file that is to be had: how to find it in the cache, and how to get it. */
export interface WantedFile {
  key: string;
  url: string;
  name: string;
  /** Infinity where it is not known before the end. */
  size: number;
  validator?: string;
  sha256?: string;
  refetched?: boolean;
  /** Bytes from `have` on; `partial` is what is there already. Throws where they are not what they should be. */
  bytes: (have: number, partial: () => Promise<Blob>) => AsyncIterable<Uint8Array<ArrayBuffer>>;
}

/** A file of the cache in use: it is not deleted to make room until it is released. */
export interface HeldFile extends StoredFile {
  entry: CacheEntry;
  release: () => void;
}

/**
 * Two tabs that want the same file get it once. A file is found only when it is whole. All methods reject with
 * HearthError; CACHE_QUOTA where there is no room.
 */
export class ModelCache {
  readonly options: Required<Pick<ModelCacheOptions, "name" | "maxBytes">> & ModelCacheOptions;
  #store: Promise<Store> | undefined;

  constructor(options: ModelCacheOptions = {}) {
    this.options = { ...options, name: options.name ?? "hearth-models", maxBytes: options.maxBytes ?? Infinity };
  }

  /** Whole files, the last used first. */
  async list(): Promise<CacheEntry[]> {
    const entries = await (await this.store()).entries();
    return entries.sort((a, b) => b.lastUsed - a.lastUsed);
  }

  /** `address`: a URL, or the SHA-256 of a file that was checked against it. */
  async has(address: string | URL): Promise<boolean> {
    return (await this.find(address)) !== undefined;
  }

  async open(address: string | URL): Promise<Blob | undefined> {
    const entry = await this.find(address);
    return entry && (await (await this.store()).open(entry))?.blob;
  }

  /** Keeps a file under an address, in place of what was there. */
  async put(
    address: string | URL,
    data: Blob | Response | ReadableStream<Uint8Array<ArrayBuffer>>,
  ): Promise<CacheEntry> {
    const url = absolute(address);
    if (!url) throw new HearthError("INVALID_ARGUMENT", `${String(address)}: name the file that it is`);
    const stream = data instanceof ReadableStream ? data : data instanceof Response ? data.body : data.stream();
    if (!stream) throw new HearthError("INVALID_ARGUMENT", "the response has no body");
    const key = await digest(`put\n${url}`);
    await this.delete(url);
    const size = data instanceof Blob ? data.size : Infinity;
    await this.#write({
      key,
      url,
      name: new URL(url).pathname.split("/").pop() || "model",
      size,
      bytes: () => chunks_of(stream),
    });
    const entry = await this.find(url);
    if (!entry) throw new HearthError("IO", `${url}: what was written is not there`);
    return entry;
  }

  /** Whether there was something to delete. */
  async delete(address: string | URL): Promise<boolean> {
    const store = await this.store();
    const entry = await this.find(address);
    if (entry) await store.delete(entry.key);
    return entry !== undefined;
  }

  /** Also what was left by interrupted downloads. */
  async clear(): Promise<void> {
    const store = await this.store();
    for (const { key } of [...(await store.entries()), ...(await store.partials())]) await store.delete(key);
  }

  async usage(): Promise<CacheUsage> {
    const store = await this.store();
    const [total, partials, estimate, persisted] = await Promise.all([
      used_by(store),
      store.partials(),
      navigator.storage?.estimate?.(),
      navigator.storage?.persisted?.(),
    ]);
    const partialBytes = partials.reduce((sum, { size }) => sum + size, 0);
    return {
      bytes: total - partialBytes,
      partialBytes,
      quota: estimate?.quota ?? Infinity,
      siteBytes: estimate?.usage ?? 0,
      persisted: persisted ?? false,
    };
  }

  /** @internal The file, written if it is not there. One tab writes; others wait for it. */
  async obtain(file: WantedFile, options: LockOptions): Promise<HeldFile> {
    return (
      (await this.hold(file.key)) ??
      with_lock(lock_name(this.options.name, file.key), options, async () => {
        if (!(await this.#held_open(file.key))) await this.#write_now(file);
      }).then(async () => {
        const held = await this.hold(file.key);
        if (held) return held;
        throw new HearthError("IO", `${file.url}: the cached file was deleted as soon as it was there`);
      })
    );
  }

  /** @internal A whole file, by its key. */
  async hold(key: string): Promise<HeldFile | undefined> {
    if (!(await this.#held_open(key))) return undefined;
    const release = await hold(lock_name(this.options.name, key));
    const found = await this.#held_open(key);
    if (!found) return void release();
    void (await this.store()).touch(found.entry).catch(() => {});
    return { ...found.file, entry: found.entry, release };
  }

  /** @internal `key`, or one made of it, under which no whole file lies: what does stays until the other is whole. */
  async unused_key(key: string): Promise<string> {
    const used = new Set((await (await this.store()).entries()).map((entry) => entry.key));
    let unused = key;
    for (let count = 2; used.has(unused); ++count) unused = `${key}-${count}`;
    return unused;
  }

  /** @internal The newest file of an address. */
  async find(address: string | URL): Promise<CacheEntry | undefined> {
    const all = await (await this.store()).entries();
    const is_checksum = /^[0-9a-f]{64}$/i.test(String(address));
    const known = all.map(({ url }) => url);
    const wanted = is_checksum ? String(address).toLowerCase() : absolute(address, known);
    if (wanted === undefined) return undefined;
    const found = all.filter(({ url, sha256 }) => url === wanted || sha256 === wanted);
    return found.sort((a, b) => b.created - a.created)[0];
  }

  /** @internal IO where the browser lets a site keep nothing. */
  store(): Promise<Store> {
    this.#store ??= open_store(this.options).catch((error: unknown) => {
      this.#store = undefined;
      throw error;
    });
    return this.#store;
  }

  async #held_open(key: string): Promise<{ entry: CacheEntry; file: StoredFile } | undefined> {
    const store = await this.store();
    const entry = (await store.entries()).find((candidate) => candidate.key === key);
    const file = entry && (await store.open(entry));
    return entry && file && { entry, file };
  }

  #write(file: WantedFile): Promise<void> {
    return with_lock(lock_name(this.options.name, file.key), {}, () => this.#write_now(file));
  }

  /** To be called with the file's lock. */
  async #write_now(file: WantedFile): Promise<void> {
    const store = await this.store();
    const room = { cache: this.options.name, store, most: this.options.maxBytes };
    const expected = Number.isFinite(file.size) ? file.size : 0;
    let have = (await store.partial(file.key)).size;
    // What claims to be whole and is not, is no beginning either.
    const damaged = (await store.entries()).some(({ key }) => key === file.key);
    if (damaged || have > file.size) {
      await store.delete(file.key);
      have = 0;
    }
    await make_room(room, expected - have, file.key);
    const writer = await store.writer(file.key).catch((error: Error) => {
      throw new HearthError("IO", `the model cache cannot be written: ${error.message}`, { cause: error });
    });
    let size: number;
    try {
      for await (const bytes of file.bytes(writer.size, () => store.partial(file.key))) await writer.append(bytes);
      size = writer.size;
    } catch (error) {
      if ((error as Error).name === "QuotaExceededError") throw quota_error(expected);
      throw error;
    } finally {
      await writer.close().catch(() => {});
    }
    const written = state_of(await store.partial(file.key));
    if (written.size !== size) throw quota_error(size);
    const { key, url, name, validator, sha256, refetched } = file;
    const now = Date.now();
    // Earlier files of the same address are of no more use.
    for (const old of await store.entries()) {
      if (old.url === url && old.key !== key) await store.delete(old.key).catch(() => {});
    }
    const { modified } = written;
    await store.commit({ key, url, name, size, modified, validator, sha256, refetched, created: now, lastUsed: now });
  }
}

async function open_store({ name = "hearth-models", storage }: ModelCacheOptions): Promise<Store> {
  const store =
    (storage === "indexeddb" ? undefined : await OpfsStore.open(name)) ??
    (storage === "opfs" ? undefined : await IndexedDbStore.open(name));
  if (store) return store;
  throw new HearthError("IO", "the browser lets this site keep no files (a private window?): load with cache: false");
}

/** @internal A text that names files, from any other. */
export async function digest(text: string): Promise<string> {
  if (!globalThis.crypto?.subtle)
    return encodeURIComponent(text)
      .replaceAll(/[^\w-]/g, "_")
      .slice(-200); // plain http
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(bytes, 0, 16), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Undefined for a name of a repository that stands for none of the `known` addresses. */
function absolute(address: string | URL, known: string[] = []): string | undefined {
  if (String(address).startsWith("hf:")) return known_at_hugging_face(String(address), undefined, known)?.href;
  try {
    return new URL(String(address), globalThis.document?.baseURI ?? globalThis.location?.href).href;
  } catch (error) {
    throw new HearthError("INVALID_ARGUMENT", `${String(address)}: this is no address`, { cause: error });
  }
}

async function* chunks_of(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const reader = stream.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) yield next.value;
}
