/** What names of models stand for, the same on every platform. Nothing here touches network or disk. */

import { HearthError } from "./errors.js";

/** hf:owner/repository/path/to/file.gguf, or hf:owner/repository@revision/... */
export function hugging_face_url(name: string, host = "https://huggingface.co"): URL {
  const match = /^hf:\/{0,2}([\w.-]+)\/([\w.-]+)(?:@([\w./-]+?))?\/([^?#]+)$/.exec(name);
  if (!match) throw new HearthError("INVALID_ARGUMENT", `${name}: expected hf:owner/repository/file.gguf`);
  const [, owner, repository, revision = "main", file = ""] = match;
  const path = file.split("/").map(encodeURIComponent).join("/");
  return new URL(`${host}/${owner}/${repository}/resolve/${encodeURIComponent(revision)}/${path}`);
}

/** All parts of a split model, whose first part is named; otherwise the URL itself. */
export function split_parts(url: URL): URL[] {
  const match = /-00001-of-(\d{5})\.gguf$/.exec(url.pathname);
  if (!match) return [url];
  const count = Number(match[1]);
  return Array.from({ length: count }, (_, index) => {
    const part = new URL(url);
    const number = String(index + 1).padStart(5, "0");
    part.pathname = url.pathname.replace(/-00001-of-/, `-${number}-of-`);
    return part;
  });
}

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
