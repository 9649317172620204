import { type CommonLoadOptions, type EngineModel, HearthError, Model } from "@hearth/core";
import { engine_load_options, type OptionTable } from "@hearth/core/platform";
import { RemoteEngine } from "@hearth/core/remote";
import { check_integrity, common_source_options } from "@hearth/core/sources";
import { ModelCache, type ModelCacheOptions } from "./cache/model_cache.js";
import { say_what_is_missing } from "./features/capabilities.js";
import type { SourceOptions } from "./sources/resolve.js";
import { part_sources, type Source } from "./sources/source.js";
import type { LoadRequest } from "./worker/load_request.js";
import { start_in_worker } from "./worker/start.js";

export interface WorkerOptions {
  /** Milliseconds that the worker may be silent while it owes an answer; then it is ended with TIMEOUT. Default: no limit. */
  timeout?: number;
  /** Milliseconds without a request after which the worker ends and gives back its memory; the next request loads the model again. */
  terminateOnIdle?: number;
  /** Tabs of one origin that load the same address in the same way share one loaded model; it computes with one thread. */
  shared?: boolean;
}

export interface LoadOptions extends CommonLoadOptions, Omit<SourceOptions, "cache"> {
  /** Whether the model runs in a worker of its own. Default true; false blocks the page while it computes. */
  useWorker?: boolean;
  /** Whether it runs on the page's thread where workers are missing. Default true; false: WORKER_NOT_SUPPORTED. */
  fallback?: boolean;
  workerOptions?: WorkerOptions;
  /** Where downloads are kept; false: nowhere. */
  cache?: ModelCache | ModelCacheOptions | boolean;
}

/** What is not of CommonLoadOptions. */
const platform_options: OptionTable = {
  ...common_source_options,
  cache: { type: "any" },
};

/**
 * Loads a model: an address (also of a manifest of chunks, or of the first part of a split model; hf:owner/repository:Q4_K_M), a
 * File, Blob, ArrayBuffer, Uint8Array or FileSystemFileHandle, or a list of parts. Downloads are kept for the next visit.
 *
 * Rejects with HearthError: NETWORK, NOT_FOUND, INVALID_MODEL, MODEL_TOO_LARGE, CACHE_QUOTA, ABORTED and others.
 */
export async function loadModel(source: Source, options: LoadOptions = {}): Promise<Model> {
  if (options.signal?.aborted) throw HearthError.aborted(options.signal);
  const load = load_request(source, options);
  const { engine, name } = await open(load, options);
  say_what_is_missing();
  return new Model(engine, options.id ?? name);
}

async function open(load: LoadRequest, options: LoadOptions): Promise<{ engine: EngineModel; name: string }> {
  if (options.useWorker === false) return open_here(load, options);
  try {
    return await open_in_worker(load, options);
  } catch (error) {
    const missing = error instanceof HearthError && error.code === "WORKER_NOT_SUPPORTED";
    if (missing && (options.fallback ?? true)) return open_here(load, options);
    throw error;
  }
}

function open_in_worker(load: LoadRequest, options: LoadOptions): Promise<{ engine: EngineModel; name: string }> {
  const { timeout, terminateOnIdle, shared } = options.workerOptions ?? {};
  const key = shared ? shared_key(load) : undefined;
  let first = true;
  return RemoteEngine.open(
    (onIdle) => {
      // Whoever loaded the model waits for it once; when it comes back from idleness, nobody does.
      const { signal, onProgress } = first ? options : {};
      const sources = { ...load.options, reload: first && load.options.reload };
      first = false;
      const threads = key === undefined;
      return start_in_worker(
        { ...load, options: sources, threads },
        { timeout, shared: key, signal, onProgress },
        onIdle,
      );
    },
    { terminateOnIdle },
  );
}

/** On this thread. The code for it comes only where it is used. */
async function open_here(load: LoadRequest, { signal, onProgress }: LoadOptions) {
  const { open_engine } = await import("./worker/open.js").catch((error: Error) => {
    throw new HearthError("NETWORK", `a part of @hearth/web could not be loaded: ${error.message}`, { cause: error });
  });
  return open_engine(load, {
    signal: signal ?? new AbortController().signal,
    report: (progress) => onProgress?.(progress),
    help: () => Promise.reject(new HearthError("INTERNAL", "there are no threads on a page's own thread")),
  });
}

function load_request(source: Source, options: LoadOptions): LoadRequest {
  const engine = engine_load_options(options, platform_options);
  const { headers, integrity, reload, hfEndpoint, cache, profile } = options;
  check_integrity(integrity);
  return {
    sources: part_sources(source, globalThis.document?.baseURI ?? globalThis.location?.href, hfEndpoint),
    options: { headers, integrity, reload, hfEndpoint, cache: cache_options(cache) },
    engine,
    profile,
    threads: false,
  };
}

/** @internal False: nothing is kept. */
export function cache_options(cache: LoadOptions["cache"]): ModelCacheOptions | false {
  if (cache === false) return false;
  if (cache === undefined || cache === true) return {};
  return cache instanceof ModelCache ? cache.options : cache;
}

/** What tabs must have in common to share a model. */
function shared_key({ sources, engine, profile, options }: LoadRequest): string {
  if (!sources.every((part) => "url" in part && !part.url.startsWith("blob:"))) {
    throw new HearthError("INVALID_ARGUMENT", "only a model from an address can be shared by tabs");
  }
  return `hearth ${JSON.stringify([sources, engine, profile, options.integrity])}`;
}
