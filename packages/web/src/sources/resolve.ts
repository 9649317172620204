/** From what a user names as a model to the files that the engine reads. Runs where the engine runs. */

import { HearthError, type LoadProgress } from "@hearth/core";
import { check_manifest, common_origin, type Origin, only_gguf, type Resolved, refused } from "@hearth/core/sources";
import { digest, ModelCache, type ModelCacheOptions, type WantedFile } from "../cache/model_cache.js";
import type { CacheEntry } from "../cache/store.js";
import { checked, type Span } from "./checksum.js";
import { download, pieces_from } from "./download.js";
import { inspect, type RemoteFile, type RequestContext, request } from "./remote_file.js";
import { type PartSource, source_name, url_name } from "./source.js";

export interface SourceOptions {
  /** Sent with every request, for example { authorization: "Bearer ..." }. */
  headers?: Record<string, string>;
  /** The SHA-256 of a file that is downloaded, as hex, checked while it arrives. INTEGRITY where it differs. */
  integrity?: string;
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

type FoundPart = Part & { origin: Origin };

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
  const cache = await usable_cache(options.cache);
  const reload = broken ? "broken" : options.reload ? "wanted" : undefined;
  const resolver = new Resolver(cache, { headers: options.headers ?? {}, signal }, report, reload);
  const parts: FoundPart[] = [];
  try {
    for (const source of sources) {
      if (signal?.aborted) throw HearthError.aborted(signal);
      parts.push(await resolver.part(source, sources.length === 1 ? options.integrity?.toLowerCase() : undefined));
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

class Resolver {
  readonly #cache: ModelCache | undefined;
  readonly #context: RequestContext;
  readonly #report: ResolveContext["report"];
  /** Why what is in the cache is fetched again, if it is. */
  readonly #reload: "wanted" | "broken" | undefined;

  constructor(
    cache: ModelCache | undefined,
    context: RequestContext,
    report: ResolveContext["report"],
    reload: "wanted" | "broken" | undefined,
  ) {
    this.#cache = cache;
    this.#context = context;
    this.#report = report;
    this.#reload = reload;
  }

  async part(source: PartSource, sha256: string | undefined): Promise<FoundPart> {
    if ("blob" in source) return { name: source.name, blob: source.blob, origin: "new" };
    if ("handle" in source) return { name: source.name, blob: await source.handle.getFile(), origin: "new" };
    const { url } = source;
    if (url.startsWith("blob:")) {
      const blob = await (await request(url, this.#context)).blob();
      return { name: source_name(source), blob, origin: "new" };
    }
    return new URL(url).pathname.endsWith(".json") ? this.#manifest(url) : this.#file(url, sha256);
  }

  async #file(url: string, sha256: string | undefined): Promise<FoundPart> {
    const name = url_name(url);
    this.#report({ stage: "check_cache", loaded: 0, total: 1, file: name });
    const known = sha256 === undefined ? undefined : await this.#hold(sha256, name);
    if (known) return known;
    let file: RemoteFile;
    try {
      file = await inspect(url, this.#context);
    } catch (error) {
      // Without a network, what was there last time is as good as anything.
      const offline = error instanceof HearthError && error.code === "NETWORK" && sha256 === undefined;
      const entry = offline ? await this.#cache?.find(url).catch(() => undefined) : undefined;
      const held = entry && (await this.#hold(entry.key, name));
      if (held) return held;
      throw error;
    }
    const validator = file.validator || String(file.size);
    const entry = sha256 === undefined ? await this.#cache?.find(url) : undefined;
    const same = entry && (!entry.validator || (entry.validator === validator && has_size(entry, file)));
    const held = same && (await this.#hold(entry.key, name));
    if (held) return held;
    const key = sha256 ?? (await digest(`${url}\n${validator}\n${file.size}`));
    return this.#obtain({
      key,
      url,
      name,
      size: file.size,
      validator,
      sha256,
      bytes: this.#downloader([file], name, [{ url, size: file.size, sha256 }]),
    });
  }

  async #manifest(url: string): Promise<FoundPart> {
    const response = await request(url, this.#context).catch(async (error: unknown) => {
      const entry = await this.#cache?.find(url).catch(() => undefined);
      const held = entry && (await this.#hold(entry.key, entry.name));
      if (held) return held;
      throw error;
    });
    if (!(response instanceof Response)) return response;
    if (!response.ok) throw refused(url, response);
    const text = await response.text();
    const manifest = check_manifest(new URL(url), parse(text));
    const { name, size } = manifest;
    const sha256 = manifest.sha256?.toLowerCase();
    this.#report({ stage: "check_cache", loaded: 0, total: 1, file: name });
    const files = manifest.chunks.map((chunk) => ({
      url: new URL(chunk.url, url).href,
      size: chunk.size,
      validator: "",
      ranges: chunk.size > largest_chunk_at_once,
    }));
    const spans = sha256 === undefined ? manifest.chunks : [{ url, size, sha256 }];
    const validator = await digest(`${url}\n${text}`);
    const key = sha256 ?? validator;
    return this.#obtain({ key, url, name, size, validator, sha256, bytes: this.#downloader(files, name, spans) });
  }

  /** A file of the cache, if it is there and may be used. */
  async #hold(key: string, name: string): Promise<FoundPart | undefined> {
    const held = this.#reload ? undefined : await this.#cache?.hold(key);
    return held && { ...held, name, origin: held.entry.refetched ? "refetched" : "cached" };
  }

  async #obtain(file: WantedFile): Promise<FoundPart> {
    const { name } = file;
    if (!this.#cache) return { name, blob: await in_memory(file), origin: "new" };
    const key = this.#reload ? await this.#cache.unused_key(file.key) : file.key;
    const wanted = { ...file, key, refetched: this.#reload === "broken" };
    try {
      const { blob, handle, release } = await this.#cache.obtain(wanted, this.#context.signal);
      return { name, blob, handle, release, origin: "new" };
    } catch (error) {
      // Bytes that are wrong are no beginning for the next try.
      if (error instanceof HearthError && ["INTEGRITY", "INVALID_MODEL"].includes(error.code))
        await (await this.#cache.store()).delete(wanted.key);
      throw await this.#with_what_is_kept(error, wanted.key);
    }
  }

  /** A download that broke off for good says that it need not begin anew. */
  async #with_what_is_kept(error: unknown, key: string): Promise<unknown> {
    if (!(error instanceof HearthError) || error.code !== "NETWORK") return error;
    const kept = await this.#cache?.store().then((store) => store.partial(key));
    if (!kept?.size) return error;
    const message = `${error.message}; loading it again goes on after the ${kept.size} bytes that have come`;
    return new HearthError(error.code, message, { ...error.details, cause: error });
  }

  /** Files one after the other, as one. */
  #downloader(files: RemoteFile[], name: string, spans: Span[]): WantedFile["bytes"] {
    const total = files.reduce((sum, { size }) => sum + size, 0);
    const report = (loaded: number) =>
      this.#report({ stage: "download", loaded, total: Number.isFinite(total) ? total : loaded, file: name });
    const context = this.#context;
    async function* counted(have: number) {
      let loaded = have;
      report(loaded);
      const arriving = download(pieces_from(files, have), context);
      for await (const bytes of have > 0 ? arriving : only_gguf(arriving, files[0]?.url ?? name)) {
        yield bytes;
        loaded += bytes.length;
        report(loaded);
      }
    }
    return (have, partial) => checked(counted(have), spans, have, partial);
  }
}

function has_size(entry: CacheEntry, { size }: RemoteFile): boolean {
  return !Number.isFinite(size) || entry.size === size;
}

/** Chunks of a manifest up to this size are asked for whole, so that a server needs to know no ranges. */
const largest_chunk_at_once = 64 * 2 ** 20;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Outside JavaScript's heap: the browser keeps blobs elsewhere, on disk if they are large. */
async function in_memory({ bytes }: WantedFile): Promise<Blob> {
  const blobs: Blob[] = [];
  let waiting: Uint8Array<ArrayBuffer>[] = [];
  let size = 0;
  const step = 4 * 2 ** 20;
  for await (const chunk of bytes(0, async () => new Blob())) {
    waiting.push(chunk.slice()); // its buffer is used again
    size += chunk.length;
    if (size < step) continue;
    blobs.push(new Blob(waiting));
    waiting = [];
    size = 0;
  }
  return new Blob([...blobs, ...waiting]);
}
