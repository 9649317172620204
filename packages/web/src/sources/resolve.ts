/** From what a user names as a model to the files that the engine reads. Runs where the engine runs. */

import { HearthError } from "@hearth/core";
import {
  type CommonSourceOptions,
  checksums_of,
  common_origin,
  find_at_hugging_face,
  type Resolved,
} from "@hearth/core/sources";
import { ModelCache, type ModelCacheOptions } from "../cache/model_cache.js";
import { browser_listings } from "./listings.js";
import { type FoundPart, type Part, type PartOptions, PartResolver, type ResolveContext } from "./part_resolver.js";
import { request } from "./remote_file.js";
import type { PartSource } from "./source.js";

export interface SourceOptions extends CommonSourceOptions {
  /** False: nothing is kept. */
  cache?: ModelCacheOptions | false;
}

/** `broken`: what is wrong with the files of the cache that this gave before. */
export async function resolve_parts(
  named: PartSource[],
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
  const sources = (await Promise.all(named.map((source) => in_repository(source, common, options, context)))).flat();
  const checksums = checksums_of(options.integrity, sources.length);
  const parts: FoundPart[] = [];
  try {
    for (const [index, source] of sources.entries()) {
      if (signal?.aborted) throw HearthError.aborted(signal);
      const sha256 = checksums[index] ?? ("url" in source ? source.sha256 : undefined);
      const resolver = new PartResolver({ ...common, sha256 }, context);
      parts.push(await resolver.find(source));
    }
    return { place: parts, origin: common_origin(parts.map(({ origin }) => origin)) };
  } catch (error) {
    for (const { release } of parts) release?.();
    throw HearthError.from(error, "IO");
  }
}

/** All parts of what the name of a repository stands for; what any other source is. */
async function in_repository(
  source: PartSource,
  { cache, headers }: Pick<PartOptions, "cache" | "headers">,
  { hfEndpoint }: SourceOptions,
  { signal, report, room = async () => ({}) }: ResolveContext,
): Promise<PartSource[]> {
  if (!("url" in source && source.url.startsWith("hf:"))) return [source];
  const files = await find_at_hugging_face(source.url, {
    endpoint: hfEndpoint,
    // Not with headers of ours: the browser would ask the server first whether they are allowed.
    get: (url) => request(url.href, { headers, signal }),
    known: async () => (await cache?.list())?.map(({ url }) => url) ?? [],
    room,
    tell: (message) => report({ stage: "check_cache", loaded: 0, total: 1, message }),
    listings: cache && browser_listings(),
  });
  return files.map(({ url, sha256 }) => ({ url: url.href, sha256 }));
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
