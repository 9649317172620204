import { HearthError } from "../errors.js";

/**
 * Says of which chunks a file consists, for hosts that limit the size of files. `sha256` may be missing, of the whole
 * and of chunks; chunk URLs are relative to the manifest's.
 */
export interface Manifest {
  name: string;
  /** In bytes; the chunks' sizes add up to it. */
  size: number;
  sha256?: string;
  chunks: { url: string; size: number; sha256?: string }[];
}

/** INVALID_ARGUMENT where `json` is none. */
export function check_manifest(url: URL, json: unknown): Manifest {
  const manifest = json as Partial<Manifest> | undefined;
  const is_size = (value: unknown) => Number.isSafeInteger(value) && (value as number) >= 0;
  const sound =
    typeof manifest?.name === "string" &&
    !/[\\/]/.test(manifest.name) &&
    is_size(manifest.size) &&
    Array.isArray(manifest.chunks) &&
    manifest.chunks.every((chunk) => typeof chunk?.url === "string" && is_size(chunk.size)) &&
    manifest.chunks.reduce((sum, chunk) => sum + chunk.size, 0) === manifest.size;
  if (sound) return manifest as Manifest;
  throw new HearthError(
    "INVALID_ARGUMENT",
    `${url}: no manifest: expected { name, size, chunks: [{ url, size }] }, in which the sizes add up`,
  );
}
