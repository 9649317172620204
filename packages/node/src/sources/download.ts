/** Downloads one file over HTTP, from where an earlier try broke off. */

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, readFile, rm, writeFile } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { HearthError } from "@hearth/core";
import { size_of } from "./entries.js";

export interface DownloadOptions {
  headers: Record<string, string>;
  signal: AbortSignal | undefined;
  onBytes: (loaded: number, total: number) => void;
}

const max_tries = 5;

/**
 * Leaves the whole file at `path`. What is there already is kept if the server still has the same file, which
 * `path`.tag remembers by its ETag or date. A transfer that breaks off is taken up again, a few times.
 */
export async function download(url: URL, path: string, options: DownloadOptions): Promise<void> {
  for (let tries = 1; ; ++tries) {
    const before = await size_of(path);
    try {
      await transfer(url, path, options);
      await rm(`${path}.tag`, { force: true });
      return;
    } catch (error) {
      if (options.signal?.aborted) throw HearthError.aborted(options.signal);
      if (error instanceof HearthError && error.code !== "NETWORK") throw error;
      if ((await size_of(path)) > before) tries = 0; // it got on
      if (tries >= max_tries) throw HearthError.from(error, "NETWORK");
      await sleep(200 * 2 ** tries, undefined, { signal: options.signal });
    }
  }
}

/** One request. */
async function transfer(url: URL, path: string, options: DownloadOptions): Promise<void> {
  const have = await size_of(path);
  const tag = await readFile(`${path}.tag`, "utf8").catch(() => "");
  const resuming = have > 0 && tag !== "";
  const headers: Record<string, string> = { ...options.headers };
  if (resuming) Object.assign(headers, { range: `bytes=${have}-`, "if-range": tag });
  const response = await fetch(url, { headers, signal: options.signal ?? null }).catch((error: Error) => {
    throw new HearthError("NETWORK", `${url}: ${String(error.cause ?? error.message)}`, {
      url: url.href,
      cause: error,
    });
  });
  if (resuming && response.status === 416) {
    // Nothing follows what is there: it was whole, or it is not what the server has.
    if (Number(response.headers.get("content-range")?.split("/")[1]) === have) return;
    await rm(path, { force: true });
    throw new HearthError("NETWORK", `${url}: the file has changed`, { url: url.href });
  }
  if (!response.ok || !response.body) throw refused(url, response);

  const begin = response.status === 206 ? have : 0;
  const length = response.headers.get("content-length");
  const total = length === null ? 0 : begin + Number(length);
  if (begin === 0) await writeFile(`${path}.tag`, validator(response));
  const file = await open(path, begin === 0 ? "w" : "a");
  let loaded = begin;
  try {
    for await (const chunk of response.body) {
      await file.writeFile(chunk as Uint8Array);
      loaded += (chunk as Uint8Array).length;
      options.onBytes(loaded, Math.max(total, loaded));
    }
  } finally {
    await file.close();
  }
  if (total > 0 && loaded !== total) {
    throw new HearthError("NETWORK", `${url}: it broke off at byte ${loaded} of ${total}`, { url: url.href });
  }
}

/** What If-Range may compare: a strong ETag, or the date. */
function validator(response: Response): string {
  const tag = response.headers.get("etag");
  return tag !== null && !tag.startsWith("W/") ? tag : (response.headers.get("last-modified") ?? "");
}

function refused(url: URL, response: Response): HearthError {
  const { status, statusText } = response;
  const message = `${url}: the server answered ${status} ${statusText}`;
  if (status === 404) return new HearthError("NOT_FOUND", message, { url: url.href, status });
  // What may pass is tried again.
  const passing = status === 408 || status === 429 || status >= 500;
  return new HearthError(passing ? "NETWORK" : "SERVER", message, { url: url.href, status });
}

export async function sha256_of(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path, { highWaterMark: 1 << 20 }), hash, { signal });
  return hash.digest("hex");
}
