/**
 * The cache folder: downloaded once, whichever process asks first; resumed where they broke off; visible under their
 * own name only when whole and checked.
 */

import { mkdir, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { HearthError, type LoadProgress } from "@hearth/core";
import { checksum_to_verify, not_fetched_again, type Origin } from "@hearth/core/sources";
import { verify } from "./checksum.js";
import { discard_partial, download, type RequestOptions } from "./download.js";
import { commit, note_of, size_of, touch, write_note } from "./entries.js";
import { io_error } from "./io_error.js";
import { type HeldLock, with_lock } from "./lock.js";
import { cache_path } from "./names.js";

export interface FetchContext extends RequestOptions {
  folder: string;
  /** Why what is in the cache is fetched again, if it is. It stays until the new file is whole. */
  reload: "wanted" | "broken" | undefined;
  onProgress: (progress: LoadProgress) => void;
}

/** For one who holds the file's lock. */
export interface LockedContext extends FetchContext {
  confirm: HeldLock["confirm"];
}

/** What a file has to be. */
export interface Expected {
  /** Whether it begins a model, as all do but the later chunks of a manifest. */
  isModel?: boolean;
  size?: number;
  /** In lower case. */
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

/** A URL's file in the cache, where it is downloaded to if it is not there yet, or is not what is expected. */
export async function fetch_file(url: URL, context: FetchContext, expected: Expected = {}): Promise<FetchedFile> {
  const path = join(context.folder, cache_path(url));
  return find_or_fetch(path, context, expected, (locked) => fetch_anew(url, path, locked, expected));
}

/** The whole file at `path`, which `fetch` puts there where it is missing or is not what is expected. */
export async function find_or_fetch(
  path: string,
  context: FetchContext,
  expected: Expected,
  fetch: (context: LockedContext) => Promise<void>,
): Promise<FetchedFile> {
  const report = (message?: string) =>
    context.onProgress({ stage: "check_cache", loaded: 0, total: 1, file: path, message });
  const onWait = (holder: string) => report(`waiting for ${holder}, which is fetching this file`);
  report();
  let broken: HearthError | undefined;
  const cached = () =>
    cached_file(path, context, expected).catch((error: HearthError) => {
      if (error.code !== "INTEGRITY") throw error;
      broken = error;
      return undefined;
    });
  try {
    const there = await cached();
    if (there) return there;
    await mkdir(dirname(path), { recursive: true });
    return await with_lock(`${path}.lock`, { signal: context.signal, onWait }, async (lock) => {
      const meanwhile = await cached(); // another process has just done it
      if (meanwhile) return meanwhile;
      const signal = AbortSignal.any([lock.signal, context.signal ?? lock.signal]);
      await fetch({ ...context, signal, confirm: lock.confirm });
      return { path, origin: "new" };
    });
  } catch (error) {
    if (context.signal?.aborted) throw HearthError.aborted(context.signal);
    throw broken ? not_fetched_again(broken, error) : io_error(path, error);
  }
}

/**
 * A file of the cache, if it is there as it was stored. It is read again where another checksum is expected than was
 * checked, or it has changed since. INTEGRITY where it differs.
 */
export async function cached_file(
  path: string,
  context: FetchContext,
  expected: Expected,
): Promise<FetchedFile | undefined> {
  const found = await stat(path).catch(() => undefined);
  if (context.reload || !found) return undefined;
  const note = await note_of(path);
  const { size, mtimeMs: modified } = found;
  if (size !== (expected.size ?? note?.size ?? size)) return undefined;
  const sha256 = checksum_to_verify(note ?? {}, { size, modified }, expected.sha256);
  if (sha256 !== undefined) await verify(path, sha256, context);
  if (note && sha256 !== undefined) await write_note(path, { ...note, sha256, size, modified }).catch(() => {});
  await touch(path);
  return { path, origin: note?.refetched ? "refetched" : "cached" };
}

async function fetch_anew(url: URL, path: string, context: LockedContext, expected: Expected): Promise<void> {
  const { isModel = true } = expected;
  const partial = `${path}.partial`;
  const onBytes = (loaded: number, total: number) =>
    context.onProgress({ stage: "download", loaded, total, file: path });
  if (context.reload) await discard_partial(partial);
  await download(url, partial, { ...context, isModel, onBytes });
  await store(url, partial, path, context, expected);
}

/** Makes what has come the cache's file. INTEGRITY where it is not what was expected; then it is not kept. */
export async function store(
  url: URL,
  partial: string,
  path: string,
  context: LockedContext,
  { size, sha256 }: Expected,
): Promise<void> {
  try {
    const found = await size_of(partial);
    if (found !== (size ?? found)) throw new HearthError("INTEGRITY", `${url}: it has ${found} bytes, not ${size}`);
    if (sha256 !== undefined) await verify(partial, sha256, context, url.href);
  } catch (error) {
    if (error instanceof HearthError && error.code === "INTEGRITY") await discard_partial(partial);
    throw error;
  }
  context.onProgress({ stage: "store", loaded: 0, total: 1, file: path });
  await context.confirm();
  await commit(partial, path, { url: url.href, sha256, refetched: context.reload === "broken" });
}
