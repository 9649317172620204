/**
 * A manifest says of which chunks a file consists, for hosts that limit the size of files:
 *
 *   { "name": "model.gguf", "size": 123, "sha256": "...", "chunks": [{ "url": "model.gguf.000", "size": 45, "sha256": "..." }] }
 *
 * `sha256` may be missing, of the whole and of chunks; chunk URLs are relative to the manifest's.
 */

import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { HearthError } from "@hearth/core";
import { check_manifest, type Manifest, refused } from "@hearth/core/sources";
import { cached_file, type FetchContext, type FetchedFile, fetch_file } from "./cache.js";
import { sha256_of } from "./checksum.js";
import { request } from "./download.js";
import { commit, discard, entries, size_of } from "./entries.js";
import { with_lock } from "./lock.js";
import { cache_path } from "./names.js";

/** The file, put together in the cache if it is not there yet. What is there is enough without a network. */
export async function fetch_manifest(url: URL, context: FetchContext): Promise<FetchedFile> {
  let manifest: Manifest;
  try {
    manifest = await read_manifest(url, context);
  } catch (error) {
    const entry = (await entries(context.folder)).find((entry) => entry.url === url.href);
    const cached = entry && (await cached_file(entry.path, context));
    if (!cached || (error as HearthError).code !== "NETWORK") throw error;
    return cached;
  }
  const path = join(context.folder, cache_path(new URL(manifest.name, url)));
  const there = await cached_file(path, context, manifest.size);
  if (there) return there;
  await mkdir(dirname(path), { recursive: true });
  return with_lock(`${path}.lock`, context.signal, async () => {
    const meanwhile = await cached_file(path, context, manifest.size);
    if (meanwhile) return meanwhile;
    await assemble(url, manifest, path, context);
    return { path, origin: "new" };
  });
}

async function read_manifest(url: URL, context: FetchContext): Promise<Manifest> {
  const response = await request(url, {}, context);
  if (!response.ok) throw refused(url.href, response);
  return check_manifest(url, await response.json().catch(() => undefined));
}

/** Chunks are kept until the whole is there, so that what broke off goes on where it was. */
async function assemble(url: URL, manifest: Manifest, path: string, context: FetchContext): Promise<void> {
  const chunks: string[] = [];
  let before = 0;
  for (const [index, chunk] of manifest.chunks.entries()) {
    const onProgress: FetchContext["onProgress"] = (progress) => {
      if (progress.stage !== "download") return context.onProgress(progress);
      context.onProgress({ ...progress, loaded: before + progress.loaded, total: manifest.size, file: path });
    };
    const expected = { isModel: index === 0, size: chunk.size, sha256: chunk.sha256 };
    const { path: file } = await fetch_file(new URL(chunk.url, url), { ...context, onProgress }, expected);
    chunks.push(file);
    before += chunk.size;
  }
  const partial = `${path}.partial`;
  await rm(partial, { force: true });
  for (const chunk of chunks) {
    await pipeline(createReadStream(chunk), createWriteStream(partial, { flags: "a" }), { signal: context.signal });
  }
  const size = await size_of(partial);
  const sha256 = manifest.sha256 === undefined ? undefined : await sha256_of(partial, context.signal);
  if (size !== manifest.size || sha256 !== manifest.sha256?.toLowerCase()) {
    await Promise.all([partial, ...chunks].map(discard));
    throw new HearthError(
      "INTEGRITY",
      `${url}: its chunks make up ${size} bytes of SHA-256 ${sha256 ?? "unknown"}, not ${manifest.size} of ${manifest.sha256 ?? "any"}`,
    );
  }
  await commit(partial, path, { url: url.href, sha256, refetched: context.reload === "broken" });
  await Promise.all(chunks.map(discard));
}
