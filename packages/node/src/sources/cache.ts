/**
 * The cache folder: downloaded once, whichever process asks first; resumed where they broke off; visible under their
 * own name only when whole and checked.
 */

import { mkdir, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { HearthError, type LoadProgress } from "@hearth/core";
import type { Origin } from "@hearth/core/sources";
import { sha256_of } from "./checksum.js";
import { discard_partial, download } from "./download.js";
import { commit, note_of, size_of, touch } from "./entries.js";
import { io_error } from "./io_error.js";
import { with_lock } from "./lock.js";
import { cache_path } from "./names.js";

export interface FetchContext {
  folder: string;
  headers: Record<string, string>;
  signal: AbortSignal | undefined;
  /** Why what is in the cache is fetched again, if it is. It stays until the new file is whole. */
  reload: "wanted" | "broken" | undefined;
  onProgress: (progress: LoadProgress) => void;
}

/** What a file has to be. */
export interface Expected {
  /** Whether it begins a model, as all do but the later chunks of a manifest. */
  isModel?: boolean;
  size?: number;
  sha256?: string;
}

export interface FetchedFile {
  path: string;
  origin: Origin;
}

/** HEARTH_CACHE, or hearth/ in the folder that XDG names for caches. */
export function cache_folder(): string {
  return process.env.HEARTH_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "hearth");
}

/** A URL's file in the cache, where it is downloaded to if it is not there yet. */
export async function fetch_file(url: URL, context: FetchContext, expected: Expected = {}): Promise<FetchedFile> {
  const path = join(context.folder, cache_path(url));
  context.onProgress({ stage: "check_cache", loaded: 0, total: 1, file: path });
  const there = await cached_file(path, context, expected.size);
  if (there) return there;
  try {
    await mkdir(dirname(path), { recursive: true });
    return await with_lock(`${path}.lock`, context.signal, async () => {
      const meanwhile = await cached_file(path, context, expected.size); // another process has just done it
      if (meanwhile) return meanwhile;
      await fetch_anew(url, path, context, expected);
      return { path, origin: "new" };
    });
  } catch (error) {
    if (context.signal?.aborted) throw HearthError.aborted(context.signal);
    throw io_error(path, error);
  }
}

/** A file of the cache that may be used as it is: not one of another than the expected `size`. */
export async function cached_file(
  path: string,
  { reload }: FetchContext,
  size?: number,
): Promise<FetchedFile | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (reload || !found || found.size !== (size ?? found.size)) return undefined;
  await touch(path);
  return { path, origin: (await note_of(path))?.refetched ? "refetched" : "cached" };
}

async function fetch_anew(url: URL, path: string, context: FetchContext, expected: Expected): Promise<void> {
  const { isModel = true, sha256 } = expected;
  const report = (stage: LoadProgress["stage"], loaded = 0, total = 1) =>
    context.onProgress({ stage, loaded, total, file: path });
  const partial = `${path}.partial`;
  if (context.reload) await discard_partial(partial);
  await download(url, partial, {
    ...context,
    isModel,
    onBytes: (loaded, total) => report("download", loaded, total),
  });
  if (sha256 !== undefined) report("verify");
  await check(url, partial, expected, context.signal);
  report("store");
  await commit(partial, path, { url: url.href, sha256: sha256?.toLowerCase(), refetched: context.reload === "broken" });
}

/** INTEGRITY where it is not what was expected; then it is not kept. */
async function check(url: URL, partial: string, expected: Expected, signal: AbortSignal | undefined): Promise<void> {
  const fault = await difference(partial, expected, signal);
  if (fault === undefined) return;
  await discard_partial(partial);
  throw new HearthError("INTEGRITY", `${url}: ${fault}`, { url: url.href });
}

async function difference(path: string, { size, sha256 }: Expected, signal: AbortSignal | undefined) {
  const found = await size_of(path);
  if (size !== undefined && found !== size) return `it has ${found} bytes, not ${size}`;
  if (sha256 === undefined) return undefined;
  const checksum = await sha256_of(path, signal);
  return checksum === sha256.toLowerCase() ? undefined : `its SHA-256 is ${checksum}, not ${sha256}`;
}
