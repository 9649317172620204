/** From what a user names as a model to what the engine opens: a path, or bytes in memory. */

import { stat } from "node:fs/promises";
import { isAbsolute } from "node:path";
import { fileURLToPath } from "node:url";
import { HearthError, type LoadProgress } from "@hearth/core";
import { hugging_face_url, split_parts } from "@hearth/core/sources";
import { cache_folder, fetch_file } from "./cache.js";
import { fetch_manifest } from "./manifest.js";
import type { ModelCache, ModelCacheOptions } from "./model_cache.js";

export type Source = string | URL | Blob | ArrayBuffer | Uint8Array | (Blob | ArrayBuffer | Uint8Array)[];

export interface SourceOptions {
  /** Where downloads are kept; default: HEARTH_CACHE, or hearth/ in XDG_CACHE_HOME or ~/.cache. */
  cacheFolder?: string;
  /** The same, as a ModelCache or its options. */
  cache?: ModelCache | ModelCacheOptions;
  /** The SHA-256 of the file as hex, checked after it was downloaded. INTEGRITY where it differs. */
  integrity?: string;
  /** Sent with every request, for example { authorization: "Bearer ..." }. */
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** Exactly one of both. */
export interface Place {
  path?: string;
  memory?: Uint8Array[];
}

export async function resolve_source(
  source: Source,
  options: SourceOptions,
  onProgress: (progress: LoadProgress) => void,
): Promise<Place> {
  if (typeof source === "string" || source instanceof URL) return resolve_name(String(source), options, onProgress);
  const parts = Array.isArray(source) ? source : [source];
  if (parts.length === 0) throw new HearthError("INVALID_ARGUMENT", "the list of parts is empty");
  return { memory: await Promise.all(parts.map(bytes_of)) };
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
): Promise<Place> {
  const scheme = /^([a-z][a-z0-9+.-]+):/i.exec(name)?.[1]?.toLowerCase();
  if (scheme === undefined || isAbsolute(name)) return { path: await existing(name) };
  if (scheme === "file") return { path: await existing(fileURLToPath(name)) };
  if (scheme !== "hf" && scheme !== "http" && scheme !== "https") {
    throw new HearthError(
      "INVALID_ARGUMENT",
      `${name}: '${scheme}:' is no kind of source; there are paths, file:, http:, https: and hf:`,
    );
  }
  const url = scheme === "hf" ? hugging_face_url(name, process.env.HF_ENDPOINT) : new URL(name);
  const context = {
    folder: options.cache?.folder ?? options.cacheFolder ?? cache_folder(),
    headers: options.headers ?? {},
    signal: options.signal,
    onProgress,
  };
  if (url.pathname.endsWith(".json")) return { path: await fetch_manifest(url, context) };
  const parts = split_parts(url);
  const paths: string[] = [];
  for (const part of parts)
    paths.push(await fetch_file(part, context, parts.length === 1 ? options.integrity : undefined));
  return { path: paths[0] };
}

async function existing(path: string): Promise<string> {
  try {
    await stat(path);
  } catch (error) {
    throw new HearthError("NOT_FOUND", `${path}: there is no such file`, { path, cause: error });
  }
  return path;
}
