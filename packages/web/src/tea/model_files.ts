/** Models as files: where a manifest says that they are, and what is kept of them. */

import { HearthError } from "@hearth/core";
import { fetch_text } from "@hearth/core/workflow";
import { ModelCache } from "../cache/model_cache.js";
import { resolve_parts } from "../sources/resolve.js";

/** model-manifest.json beside a model. */
export interface ModelManifest {
  model: string;
  version: string;
  totalSize: number;
  /** The file's name. */
  file: string;
  /** As hex. */
  sha256: string;
  description?: string;
  source?: string;
  downloadedAt?: string;
}

/** In bytes. */
export type ProgressCallback = (loaded: number, total: number) => void;

export interface BundledModelConfig {
  /** The folder of the manifest and the model; default "./models". */
  modelBasePath?: string;
  /** Default "model-manifest.json". */
  manifestFileName?: string;
  /** Whether it is kept for the next visit; default true. */
  useCache?: boolean;
  onProgress?: ProgressCallback;
  skipChecksum?: boolean;
  /** Milliseconds; default 0: none. */
  timeout?: number;
  verbose?: boolean;
}

export interface CacheStats {
  available: boolean;
  modelCount: number;
  totalSize: number;
  estimatedQuota?: number;
  estimatedUsage?: number;
}

export async function fetchManifest(
  basePath: string,
  manifestFileName = "model-manifest.json",
): Promise<ModelManifest> {
  const url = new URL(manifestFileName, folder_url(basePath)).href;
  const text = await fetch_text(url, new AbortController().signal);
  const manifest = parsed(text) as Partial<ModelManifest> | undefined;
  if (typeof manifest?.file === "string" && typeof manifest.version === "string") return manifest as ModelManifest;
  throw new HearthError(
    "INVALID_ARGUMENT",
    `${url}: no manifest: expected { model, version, totalSize, file, sha256 }`,
  );
}

/** The model's bytes, which loadModel takes as they are. A download goes on where it broke off; what is kept is checked. */
export async function loadBundledModel(config: BundledModelConfig = {}): Promise<Uint8Array> {
  const { modelBasePath = "./models", manifestFileName, useCache = true, timeout = 0, onProgress } = config;
  const manifest = await fetchManifest(modelBasePath, manifestFileName);
  const { url, integrity } = file_of(modelBasePath, manifest, config.skipChecksum ?? false);
  if (config.verbose) console.log(`TEA: loading ${manifest.model} ${manifest.version} from ${url}`);
  const { place: parts } = await resolve_parts(
    [{ url }],
    useCache ? { cache: {}, integrity } : { cache: false, integrity },
    {
      signal: timeout > 0 ? AbortSignal.timeout(timeout) : new AbortController().signal,
      report: ({ stage, loaded, total }) => {
        if (stage === "download") onProgress?.(loaded, total);
      },
    },
  );
  try {
    return new Uint8Array(await new Blob(parts.map(({ blob }) => blob)).arrayBuffer());
  } finally {
    for (const { release } of parts) release?.();
  }
}

/** @internal */
export function file_of(basePath: string, { file, sha256 }: ModelManifest, skipChecksum: boolean) {
  const is_checksum = /^[0-9a-f]{64}$/i.test(sha256);
  return {
    url: new URL(file, folder_url(basePath)).href,
    integrity: skipChecksum || !is_checksum ? undefined : sha256,
  };
}

export async function getLlmCacheStats(): Promise<CacheStats> {
  const { quota, usage } = (await navigator.storage?.estimate().catch(() => undefined)) ?? {};
  const site = { estimatedQuota: quota, estimatedUsage: usage };
  try {
    const models = await new ModelCache().list();
    const totalSize = models.reduce((sum, { size }) => sum + size, 0);
    return { available: true, modelCount: models.length, totalSize, ...site };
  } catch {
    return { available: false, modelCount: 0, totalSize: 0, ...site };
  }
}

export async function clearLlmCache(): Promise<void> {
  await new ModelCache().clear();
}

function folder_url(path: string): URL {
  return new URL(path.endsWith("/") ? path : `${path}/`, globalThis.document?.baseURI ?? globalThis.location.href);
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
