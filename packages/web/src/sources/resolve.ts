/** From what a user names as a model to the files that the engine reads. Runs where the engine runs. */

import { HearthError, type LoadProgress } from "@hearth/core";
import { checksums_of, common_origin, type Integrity, type Resolved } from "@hearth/core/sources";
import { ModelCache, type ModelCacheOptions } from "../cache/model_cache.js";
import { type FoundPart, PartResolver } from "./part_resolver.js";
import type { PartSource } from "./source.js";

export interface SourceOptions {
  /** Sent with every request, for example { authorization: "Bearer ..." }. */
  headers?: Record<string, string>;
  /** The SHA-256 of the file as hex, or the list of those of a split model's parts. INTEGRITY where one differs. */
  integrity?: Integrity;
  /** Whether what the cache has is fetched anew. It stays until the new file is whole. Default: false. */
  reload?: boolean;
  /** False: nothing is kept. */
  cache?: ModelCacheOptions | false;
}

export interface Part {
  name: string;
  blob: Blob;
  handle?: FileSystemFileHandle;
  /** To be called when the file is not needed any more. */
  release?: () => void;
}

export interface ResolveContext {
  signal: AbortSignal | undefined;
  report: (progress: LoadProgress) => void;
}

/** `broken`: what is wrong with the files of the cache that this gave before. */
export async function resolve_parts(
  sources: PartSource[],
  options: SourceOptions,
  context: ResolveContext,
  broken?: HearthError,
): Promise<Resolved<Part[]>> {
  const { signal, report } = context;
  if (broken) {
    const message = `the cached file is broken and is fetched again: ${broken.message}`;
    report({ stage: "check_cache", loaded: 0, total: 1, message });
  }
  const common = {
    cache: await usable_cache(options.cache),
    reload: broken ? ("broken" as const) : options.reload ? ("wanted" as const) : undefined,
    headers: options.headers ?? {},
  };
  const checksums = checksums_of(options.integrity, sources.length);
  const parts: FoundPart[] = [];
  try {
    for (const [index, source] of sources.entries()) {
      if (signal?.aborted) throw HearthError.aborted(signal);
      const resolver = new PartResolver({ ...common, sha256: checksums[index] }, context);
      parts.push(await resolver.find(source));
    }
    return { place: parts, origin: common_origin(parts.map(({ origin }) => origin)) };
  } catch (error) {
    for (const { release } of parts) release?.();
    throw HearthError.from(error, "IO");
  }
}

/** Undefined where nothing shall be kept, or nothing can be: in some private windows. */
async function usable_cache(options: SourceOptions["cache"]): Promise<ModelCache | undefined> {
  if (options === false) return undefined;
  const cache = new ModelCache(options);
  return cache.store().then(
    () => cache,
    () => undefined,
  );
}
