/** The models that this machine has downloaded. */

import { openAsBlob } from "node:fs";
import { mkdir, open, statfs } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { HearthError } from "@hearth/core";
import { known_at_hugging_face } from "@hearth/core/sources";
import { cache_folder } from "./cache.js";
import { discard_partial } from "./download.js";
import { type CacheEntry, commit, discard, entries, partials, size_of, touch } from "./entries.js";
import { io_error } from "./io_error.js";
import { with_lock } from "./lock.js";
import { cache_path } from "./names.js";

export type { CacheEntry };

export interface ModelCacheOptions {
  /** Default: HEARTH_CACHE, or hearth/ in XDG_CACHE_HOME or ~/.cache. */
  folder?: string;
}

export interface CacheUsage {
  /** In files that are whole. */
  bytes: number;
  /** In downloads that were interrupted. */
  partialBytes: number;
  /** What the cache could grow to: its own bytes and what is free on the disk. */
  quota: number;
  siteBytes: number;
  /** Nobody but the user deletes what is there. */
  persisted: true;
}

/**
 * The folder in which loadModel keeps downloads. A file is found only when it is whole. Addresses are URLs, names such as
 * hf:owner/repository/file.gguf, or the SHA-256 of a file that was checked against it. All methods reject with HearthError.
 */
export class ModelCache {
  readonly folder: string;

  constructor(options: ModelCacheOptions = {}) {
    this.folder = resolve(options.folder ?? cache_folder());
  }

  /** Whole files, the last used first. */
  async list(): Promise<CacheEntry[]> {
    return (await entries(this.folder)).sort((a, b) => b.lastUsed - a.lastUsed);
  }

  async has(address: string | URL): Promise<boolean> {
    return (await this.#find(address)) !== undefined;
  }

  /** Reads from the file as it is used; nothing is copied into memory. */
  async open(address: string | URL): Promise<Blob | undefined> {
    const entry = await this.#find(address);
    if (!entry) return undefined;
    await touch(entry.path);
    return openAsBlob(entry.path);
  }

  /** Keeps a file under an address, in place of what was there. */
  async put(
    address: string | URL,
    data: Blob | Response | ReadableStream<Uint8Array> | Uint8Array,
  ): Promise<CacheEntry> {
    const url = to_url(address);
    if (!url) throw new HearthError("INVALID_ARGUMENT", `${String(address)}: name the file that it is`);
    const stream = stream_of(data);
    const path = join(this.folder, cache_path(url));
    await mkdir(dirname(path), { recursive: true });
    await with_lock(`${path}.lock`, {}, async ({ confirm }) => {
      const file = await open(`${path}.partial`, "w");
      try {
        for await (const chunk of stream) await file.writeFile(chunk);
      } catch (error) {
        throw io_error(path, error);
      } finally {
        await file.close();
      }
      await confirm();
      await commit(`${path}.partial`, path, { url: url.href });
    });
    const entry = await this.#find(url);
    if (!entry) throw new HearthError("IO", `${path}: what was written is not there`);
    return entry;
  }

  /** Whether there was something to delete. Models that are open stay usable until they are disposed. */
  async delete(address: string | URL): Promise<boolean> {
    const entry = await this.#find(address);
    if (entry) await discard(entry.path);
    return entry !== undefined;
  }

  /** Also what interrupted downloads have left. Other files in the folder stay. */
  async clear(): Promise<void> {
    for (const { path } of await entries(this.folder)) await discard(path);
    for (const path of await partials(this.folder)) await discard_partial(path);
  }

  async usage(): Promise<CacheUsage> {
    const sum = (sizes: number[]) => sizes.reduce((all, size) => all + size, 0);
    const bytes = sum((await entries(this.folder)).map(({ size }) => size));
    const partialBytes = sum(await Promise.all((await partials(this.folder)).map(size_of)));
    await mkdir(this.folder, { recursive: true });
    const disk = await statfs(this.folder);
    const quota = bytes + partialBytes + disk.bavail * disk.bsize;
    return { bytes, partialBytes, quota, siteBytes: bytes + partialBytes, persisted: true };
  }

  async #find(address: string | URL): Promise<CacheEntry | undefined> {
    const is_checksum = /^[0-9a-f]{64}$/i.test(String(address));
    const all = await this.list();
    const known = all.map(({ url }) => url);
    const wanted = is_checksum ? String(address).toLowerCase() : to_url(address, known)?.href;
    if (wanted === undefined) return undefined;
    return all.find(({ url, sha256 }) => url === wanted || sha256 === wanted);
  }
}

/** Undefined for a name of a repository that stands for none of the `known` addresses. */
function to_url(address: string | URL, known: string[] = []): URL | undefined {
  if (String(address).startsWith("hf:")) {
    return known_at_hugging_face(String(address), process.env.HF_ENDPOINT, known);
  }
  try {
    return new URL(address);
  } catch (error) {
    throw new HearthError("INVALID_ARGUMENT", `${String(address)}: this is no address`, { cause: error });
  }
}

function stream_of(data: Blob | Response | ReadableStream<Uint8Array> | Uint8Array): AsyncIterable<Uint8Array> {
  const stream =
    data instanceof Uint8Array
      ? new Blob([new Uint8Array(data)]).stream()
      : data instanceof Blob
        ? data.stream()
        : data instanceof Response
          ? data.body
          : data;
  if (!stream) throw new HearthError("INVALID_ARGUMENT", "the response has no body");
  return stream as unknown as AsyncIterable<Uint8Array>;
}
