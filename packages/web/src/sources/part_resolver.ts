/** Finds one file of a model: in the cache, or at its address, from where it comes into the cache. */

import { HearthError, type LoadProgress } from "@hearth/core";
import {
  check_manifest,
  checksum_to_verify,
  integrity_error,
  not_fetched_again,
  type Origin,
  only_gguf,
  type Room,
  refused,
} from "@hearth/core/sources";
import { digest, type HeldFile, type ModelCache, type WantedFile } from "../cache/model_cache.js";
import { type CacheEntry, state_of } from "../cache/store.js";
import { checked, type Span, verify } from "./checksum.js";
import { download, pieces_from } from "./download.js";
import { in_memory } from "./in_memory.js";
import { inspect, type RemoteFile, type RequestContext, request } from "./remote_file.js";
import { type PartSource, source_name, url_name } from "./source.js";

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
  /** What there is for a model here; by default anything fits. */
  room?: () => Promise<Room>;
}

export interface PartOptions {
  /** Undefined where nothing is kept. */
  cache: ModelCache | undefined;
  /** Why what is in the cache is fetched again, if it is. */
  reload: "wanted" | "broken" | undefined;
  headers: Record<string, string>;
  /** What the file has to have, in lower case. */
  sha256: string | undefined;
}

export type FoundPart = Part & { origin: Origin };

export class PartResolver {
  readonly #options: PartOptions;
  readonly #request: RequestContext;
  readonly #report: ResolveContext["report"];
  /** What is wrong with the file that the cache has, where its checksum differs. */
  #broken: HearthError | undefined;

  constructor(options: PartOptions, { signal, report }: ResolveContext) {
    this.#options = options;
    this.#request = { headers: options.headers, signal };
    this.#report = report;
  }

  async find(source: PartSource): Promise<FoundPart> {
    try {
      if (!("url" in source))
        return await this.#own("blob" in source ? source.blob : await source.handle.getFile(), source);
      const { url } = source;
      if (url.startsWith("blob:")) return await this.#own(await (await request(url, this.#request)).blob(), source);
      return await (new URL(url).pathname.endsWith(".json") ? this.#manifest(url) : this.#file(url));
    } catch (error) {
      throw this.#broken ? not_fetched_again(this.#broken, error) : error;
    }
  }

  /** What the user has brought. */
  async #own(blob: Blob, source: PartSource): Promise<FoundPart> {
    const name = source_name(source);
    if (this.#options.sha256 !== undefined) await this.#verify(blob, this.#options.sha256, name);
    return { name, blob, origin: "new" };
  }

  async #file(url: string): Promise<FoundPart> {
    const { cache, sha256 } = this.#options;
    const name = url_name(url);
    this.#report({ stage: "check_cache", loaded: 0, total: 1, file: name });
    // What was checked against its checksum is the file, whatever its server has.
    const known = sha256 && (await this.#cached(await cache?.find(sha256), name, sha256));
    if (known) return known;
    let file: RemoteFile;
    try {
      file = await inspect(url, this.#request);
    } catch (error) {
      const held = await this.#without_network(error, url, sha256);
      if (held) return held;
      throw error;
    }
    const validator = file.validator || String(file.size);
    const entry = await cache?.find(url);
    const same = entry && (!entry.validator || (entry.validator === validator && has_size(entry, file)));
    const held = same && (await this.#cached(entry, name, sha256));
    if (held) return held;
    const key = sha256 ?? (await digest(`${url}\n${validator}\n${file.size}`));
    const bytes = this.#downloader([file], name, [{ url, size: file.size, sha256 }]);
    return this.#obtain({ key, url, name, size: file.size, validator, sha256, bytes });
  }

  async #manifest(url: string): Promise<FoundPart> {
    const { cache } = this.#options;
    let response: Response;
    try {
      response = await request(url, this.#request);
    } catch (error) {
      const held = await this.#without_network(error, url, this.#options.sha256);
      if (held) return held;
      throw error;
    }
    if (!response.ok) throw refused(url, response);
    const text = await response.text();
    const manifest = check_manifest(new URL(url), parse(text));
    const { name, size } = manifest;
    const said = manifest.sha256?.toLowerCase();
    const sha256 = this.#options.sha256 ?? said;
    if (sha256 !== undefined && said !== undefined && said !== sha256) throw integrity_error(url, said, sha256);
    this.#report({ stage: "check_cache", loaded: 0, total: 1, file: name });
    const validator = await digest(`${url}\n${text}`);
    const entry = (sha256 && (await cache?.find(sha256))) || (await cache?.find(url));
    const same = entry && (entry.validator === validator || (sha256 !== undefined && entry.sha256 === sha256));
    const held = same && (await this.#cached(entry, name, sha256));
    if (held) return held;
    const files = manifest.chunks.map((chunk) => ({
      url: new URL(chunk.url, url).href,
      size: chunk.size,
      validator: "",
      ranges: chunk.size > largest_chunk_at_once,
    }));
    const spans = sha256 === undefined ? manifest.chunks : [{ url, size, sha256 }];
    const bytes = this.#downloader(files, name, spans);
    return this.#obtain({ key: sha256 ?? validator, url, name, size, validator, sha256, bytes });
  }

  /** Where there is no network, what was there last time is as good as anything. */
  async #without_network(error: unknown, url: string, sha256: string | undefined): Promise<FoundPart | undefined> {
    if (!(error instanceof HearthError) || error.code !== "NETWORK") return undefined;
    const entry = await this.#options.cache?.find(url).catch(() => undefined);
    return this.#cached(entry, entry?.name ?? "", sha256);
  }

  /** A file of the cache. It is read again where another checksum is asked for than was checked, or it has changed. */
  async #cached(
    entry: CacheEntry | undefined,
    name: string,
    sha256: string | undefined,
  ): Promise<FoundPart | undefined> {
    const { cache, reload } = this.#options;
    if (!entry || reload || this.#broken) return undefined;
    const held = await cache?.hold(entry.key);
    if (!held) return undefined;
    try {
      await this.#verify_held(held, sha256);
    } catch (error) {
      held.release();
      if (!(error instanceof HearthError) || error.code !== "INTEGRITY") throw error;
      this.#broken = error;
      return undefined;
    }
    return { ...held, name, origin: held.entry.refetched ? "refetched" : "cached" };
  }

  async #verify_held({ blob, entry }: HeldFile, sha256: string | undefined): Promise<void> {
    const wanted = checksum_to_verify(entry, state_of(blob), sha256);
    if (wanted === undefined) return;
    await this.#verify(blob, wanted, entry.name);
    const store = await this.#options.cache?.store();
    await store?.commit({ ...entry, ...state_of(blob), sha256: wanted });
  }

  #verify(blob: Blob, sha256: string, name: string): Promise<void> {
    const report = (loaded: number) => this.#report({ stage: "verify", loaded, total: blob.size, file: name });
    return verify(blob, sha256, name, report, this.#request.signal);
  }

  async #obtain(file: WantedFile): Promise<FoundPart> {
    const { cache, reload } = this.#options;
    const { name } = file;
    if (!cache) return { name, blob: await in_memory(file), origin: "new" };
    const key = reload || this.#broken ? await cache.unused_key(file.key) : file.key;
    const message = "waiting for another tab, which is fetching this file";
    const onWait = () => this.#report({ stage: "check_cache", loaded: 0, total: 1, file: name, message });
    try {
      const wanted = { ...file, key, refetched: reload === "broken" };
      const held = await cache.obtain(wanted, { signal: this.#request.signal, onWait });
      return { ...held, name, origin: "new" };
    } catch (error) {
      // Bytes that are wrong are no beginning for the next try.
      if (error instanceof HearthError && ["INTEGRITY", "INVALID_MODEL"].includes(error.code)) {
        await (await cache.store()).delete(key);
      }
      throw await with_what_is_kept(error, cache, key);
    }
  }

  /** Files one after the other, as one. */
  #downloader(files: RemoteFile[], name: string, spans: Span[]): WantedFile["bytes"] {
    const total = files.reduce((sum, { size }) => sum + size, 0);
    const report = (loaded: number) =>
      this.#report({ stage: "download", loaded, total: Number.isFinite(total) ? total : loaded, file: name });
    const context = this.#request;
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

/** A download that broke off for good says that it need not begin anew. */
async function with_what_is_kept(error: unknown, cache: ModelCache, key: string): Promise<unknown> {
  if (!(error instanceof HearthError) || error.code !== "NETWORK") return error;
  const kept = await (await cache.store()).partial(key);
  if (kept.size === 0) return error;
  const message = `${error.message}; loading it again goes on after the ${kept.size} bytes that have come`;
  return new HearthError(error.code, message, { ...error.details, cause: error });
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
