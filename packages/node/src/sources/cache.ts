/**
 * The cache folder: downloaded once, whichever process asks first; resumed where they broke off; visible under their
 * own name only when whole and checked.
 */

import { mkdir, rm, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { HearthError, type LoadProgress } from "@hearth/core";
import { download, sha256_of } from "./download.js";
import { commit, touch } from "./entries.js";
import { with_lock } from "./lock.js";
import { cache_path } from "./names.js";

export interface FetchContext {
  folder: string;
  headers: Record<string, string>;
  signal: AbortSignal | undefined;
  onProgress: (progress: LoadProgress) => void;
}

/** HEARTH_CACHE, or hearth/ in the folder that XDG names for caches. */
export function cache_folder(): string {
  return process.env.HEARTH_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "hearth");
}

/** The path of a URL's file in the cache, where it is downloaded to if it is not there yet. */
export async function fetch_file(url: URL, context: FetchContext, sha256?: string): Promise<string> {
  const path = join(context.folder, cache_path(url));
  const report = (stage: LoadProgress["stage"], loaded = 0, total = 1) =>
    context.onProgress({ stage, loaded, total, file: path });
  report("check_cache");
  if (await exists(path)) {
    await touch(path);
    return path;
  }
  await mkdir(dirname(path), { recursive: true });
  try {
    return await with_lock(`${path}.lock`, context.signal, async () => {
      if (await exists(path)) return path; // another process has just done it
      const partial = `${path}.partial`;
      await download(url, partial, { ...context, onBytes: (loaded, total) => report("download", loaded, total) });
      if (sha256 !== undefined) {
        report("verify");
        const found = await sha256_of(partial, context.signal);
        if (found !== sha256.toLowerCase()) {
          await rm(partial, { force: true });
          throw new HearthError("INTEGRITY", `${url}: its SHA-256 is ${found}, not ${sha256}`, { url: url.href });
        }
      }
      report("store");
      await commit(partial, path, { url: url.href, sha256: sha256?.toLowerCase() });
      return path;
    });
  } catch (error) {
    if (context.signal?.aborted) throw HearthError.aborted(context.signal);
    throw io_error(path, error);
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** What the system says about writing `path`. */
export function io_error(path: string, error: unknown): HearthError {
  if ((error as NodeJS.ErrnoException).code === "ENOSPC") {
    return new HearthError("CACHE_QUOTA", `${path}: the disk is full; delete models from the cache`, { cause: error });
  }
  return HearthError.from(error, "IO");
}
