/** From what a user names as a model to what the engine opens: a path, or bytes in memory. */

import { stat } from "node:fs/promises";
import { totalmem } from "node:os";
import { isAbsolute } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { HearthError, type LoadProgress } from "@hearth/core";
import {
  type CommonSourceOptions,
  checksums_of,
  common_origin,
  type FoundFile,
  find_at_hugging_face,
  type Integrity,
  type Resolved,
  type Room,
  split_parts,
} from "@hearth/core/sources";
import { cache_folder, type FetchContext, type FetchedFile, fetch_file } from "./cache.js";
import { type VerifyContext, verify, verify_bytes } from "./checksum.js";
import { type RequestOptions, request, with_retries } from "./download.js";
import { entries } from "./entries.js";
import { listings_in } from "./listings.js";
import { fetch_manifest } from "./manifest.js";
import type { ModelCache, ModelCacheOptions } from "./model_cache.js";

export type Source = string | URL | Blob | ArrayBuffer | Uint8Array | (Blob | ArrayBuffer | Uint8Array)[];

export interface SourceOptions extends CommonSourceOptions {
  /** Where downloads are kept; default: HEARTH_CACHE, or hearth/ in XDG_CACHE_HOME or ~/.cache. */
  cacheFolder?: string;
  /** The same, as a ModelCache or its options. */
  cache?: ModelCache | ModelCacheOptions;
  /** Of the engine: with one, a model needs not fit into memory. */
  memoryLimit?: number;
  signal?: AbortSignal;
}

/** Exactly one of both. */
export interface Place {
  path?: string;
  memory?: Uint8Array[];
}

/** `broken`: what is wrong with the file of the cache that this gave before. */
export async function resolve_source(
  source: Source,
  options: SourceOptions,
  onProgress: (progress: LoadProgress) => void,
  broken?: HearthError,
): Promise<Resolved<Place>> {
  if (typeof source === "string" || source instanceof URL) {
    return resolve_name(String(source), options, onProgress, broken);
  }
  const parts = Array.isArray(source) ? source : [source];
  if (parts.length === 0) throw new HearthError("INVALID_ARGUMENT", "the list of parts is empty");
  const memory = await Promise.all(parts.map(bytes_of));
  for (const [index, sha256] of checksums_of(options.integrity, parts.length).entries()) {
    if (sha256 !== undefined) verify_bytes(memory[index] as Uint8Array, sha256);
  }
  return { place: { memory }, origin: "new" };
}

async function bytes_of(part: Blob | ArrayBuffer | Uint8Array): Promise<Uint8Array> {
  if (part instanceof Uint8Array) return part;
  if (part instanceof ArrayBuffer) return new Uint8Array(part);
  if (part instanceof Blob) return new Uint8Array(await part.arrayBuffer());
  throw new HearthError(
    "INVALID_ARGUMENT",
    "a model is loaded from a path, a URL, a Blob, an ArrayBuffer, a Uint8Array, or an array of the last three",
  );
}

async function resolve_name(
  name: string,
  options: SourceOptions,
  onProgress: (progress: LoadProgress) => void,
  broken: HearthError | undefined,
): Promise<Resolved<Place>> {
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(name)?.[1]?.toLowerCase();
  const context = { signal: options.signal, onProgress };
  if (scheme === undefined || isAbsolute(name)) return existing(name, options.integrity, context);
  if (scheme === "file") return existing(fileURLToPath(name), options.integrity, context);
  if (scheme !== "hf" && scheme !== "http" && scheme !== "https") {
    throw new HearthError(
      "INVALID_ARGUMENT",
      `${name}: '${scheme}:' is no kind of source; there are paths, file:, http:, https: and hf:`,
    );
  }
  if (broken) {
    const message = `the cached file is broken and is fetched again: ${broken.message}`;
    onProgress({ stage: "check_cache", loaded: 0, total: 1, message });
  }
  const endpoint = options.hfEndpoint || process.env.HF_ENDPOINT || "https://huggingface.co";
  const fetching: FetchContext = {
    folder: options.cache?.folder ?? options.cacheFolder ?? cache_folder(),
    headers: headers_for(scheme === "hf" ? endpoint : name, options.headers ?? {}, endpoint),
    reload: broken ? "broken" : options.reload ? "wanted" : undefined,
    ...context,
  };
  const memory = options.memoryLimit ? undefined : machine_memory();
  const found =
    scheme === "hf" ? await find_in_repository(name, endpoint, { memory }, fetching) : parts_at(new URL(name));
  const files = await fetch_files(found, options.integrity, fetching);
  return { place: { path: files[0]?.path }, origin: common_origin(files.map(({ origin }) => origin)) };
}

/** The user's headers go to the server of the `address` alone, HF_TOKEN to that of the endpoint. */
function headers_for(address: string, given: Record<string, string>, endpoint: string): RequestOptions["headers"] {
  const token = process.env.HF_TOKEN;
  const is_at = (url: URL, other: string) => URL.canParse(other) && url.origin === new URL(other).origin;
  return (url) => {
    const headers = new Headers(is_at(url, address) ? given : {});
    if (token && is_at(url, endpoint) && !headers.has("authorization")) {
      headers.set("authorization", `Bearer ${token}`);
    }
    return Object.fromEntries(headers);
  };
}

function find_in_repository(name: string, endpoint: string, room: Room, context: FetchContext): Promise<FoundFile[]> {
  const access = {
    endpoint,
    get: (url: URL, headers: Record<string, string>) => request(url, headers, context),
    known: async () => (await entries(context.folder)).map(({ url }) => url),
    room: async () => room,
    tell: (message: string) => context.onProgress({ stage: "check_cache", loaded: 0, total: 1, message }),
    listings: listings_in(context.folder),
  };
  return with_retries(() => find_at_hugging_face(name, access), context.signal);
}

/** What the machine has, or this process may take of it. */
function machine_memory(): number {
  return Math.min(totalmem(), process.constrainedMemory() || Infinity);
}

function parts_at(url: URL): FoundFile[] {
  return split_parts(url).map((url) => ({ url }));
}

/** What the user says of a file's checksum counts before what a list says. */
async function fetch_files(
  files: FoundFile[],
  integrity: Integrity | undefined,
  context: FetchContext,
): Promise<FetchedFile[]> {
  const checksums = checksums_of(integrity, files.length);
  const first = files[0]?.url;
  if (first?.pathname.endsWith(".json")) return [await fetch_manifest(first, context, checksums[0])];
  const fetched: FetchedFile[] = [];
  for (const [index, { url, size, sha256 }] of files.entries()) {
    fetched.push(await fetch_file(url, context, { size, sha256: checksums[index] ?? sha256 }));
  }
  return fetched;
}

/** A file on disk, and the other parts of the model, if it is split. */
async function existing(
  path: string,
  integrity: Integrity | undefined,
  context: VerifyContext,
): Promise<Resolved<Place>> {
  const parts = split_parts(pathToFileURL(path)).map((part) => fileURLToPath(part));
  const checksums = checksums_of(integrity, parts.length);
  for (const [index, part] of parts.entries()) {
    await stat(part).catch((cause: unknown) => {
      throw new HearthError("NOT_FOUND", `${part}: there is no such file`, { path: part, cause });
    });
    const sha256 = checksums[index];
    if (sha256 !== undefined) await verify(part, sha256, context);
  }
  return { place: { path }, origin: "new" };
}
