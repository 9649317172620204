/**
 * A manifest says of which chunks a file consists, for hosts that limit the size of files:
 *
 *   { "name": "model.gguf", "size": 123, "sha256": "...", "chunks": [{ "url": "model.gguf.000", "size": 45, "sha256": "..." }] }
 *
 * `sha256` may be missing, of the whole and of chunks; chunk URLs are relative to the manifest's.
 */

import { createReadStream, createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import type { HearthError } from "@hearth/core";
import { check_manifest, integrity_error, type Manifest, refused } from "@hearth/core/sources";
import {
  cached_file,
  type Expected,
  type FetchContext,
  type FetchedFile,
  fetch_file,
  find_or_fetch,
  type LockedContext,
  store,
} from "./cache.js";
import { request } from "./download.js";
import { discard, entries } from "./entries.js";
import { cache_path } from "./names.js";

/** The file, put together in the cache if it is not there yet. What is there is enough without a network. */
export async function fetch_manifest(url: URL, context: FetchContext, sha256?: string): Promise<FetchedFile> {
  let manifest: Manifest;
  try {
    manifest = await read_manifest(url, context);
  } catch (error) {
    const entry = (await entries(context.folder)).find((entry) => entry.url === url.href);
    const offline = (error as HearthError).code === "NETWORK";
    const cached = entry && offline && (await cached_file(entry.path, context, { sha256 }));
    if (!cached) throw error;
    return cached;
  }
  const said = manifest.sha256?.toLowerCase();
  if (sha256 !== undefined && said !== undefined && said !== sha256) throw integrity_error(url.href, said, sha256);
  const path = join(context.folder, cache_path(new URL(manifest.name, url)));
  const expected = { size: manifest.size, sha256: sha256 ?? said };
  return find_or_fetch(path, context, expected, (locked) => assemble(url, manifest, path, locked, expected));
}

async function read_manifest(url: URL, context: FetchContext): Promise<Manifest> {
  const response = await request(url, {}, context);
  if (!response.ok) throw refused(url.href, response);
  return check_manifest(url, await response.json().catch(() => undefined));
}

/** Chunks are kept until the whole is there, so that what broke off goes on where it was. */
async function assemble(url: URL, manifest: Manifest, path: string, context: LockedContext, expected: Expected) {
  const chunks: string[] = [];
  let before = 0;
  for (const [index, chunk] of manifest.chunks.entries()) {
    const onProgress: FetchContext["onProgress"] = (progress) => {
      if (progress.stage !== "download") return context.onProgress(progress);
      context.onProgress({ ...progress, loaded: before + progress.loaded, total: manifest.size, file: path });
    };
    const of_chunk = { isModel: index === 0, size: chunk.size, sha256: chunk.sha256?.toLowerCase() };
    const { path: file } = await fetch_file(new URL(chunk.url, url), { ...context, onProgress }, of_chunk);
    chunks.push(file);
    before += chunk.size;
  }
  const partial = `${path}.partial`;
  await rm(partial, { force: true });
  for (const chunk of chunks) {
    await pipeline(createReadStream(chunk), createWriteStream(partial, { flags: "a" }), { signal: context.signal });
  }
  const discard_chunks = () => Promise.all(chunks.map(discard));
  await store(url, partial, path, context, expected).catch(async (error: HearthError) => {
    if (error.code === "INTEGRITY") await discard_chunks();
    throw error;
  });
  await discard_chunks();
}
