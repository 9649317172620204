/** Downloads one file over HTTP, from where an earlier try broke off. */

import { type FileHandle, open, readFile, rm, statfs, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { HearthError } from "@hearth/core";
import { is_encoded, length_of, only_gguf, range_of, refused, validator_of } from "@hearth/core/sources";
import { size_of } from "./entries.js";
import { io_error } from "./io_error.js";

export interface RequestOptions {
  /** What is sent to the server of a URL. */
  headers: (url: URL) => Record<string, string>;
  signal: AbortSignal | undefined;
}

export interface DownloadOptions extends RequestOptions {
  /** Whether it begins a model: what is no GGUF file is refused then as it begins to arrive. */
  isModel: boolean;
  onBytes: (loaded: number, total: number) => void;
}

const max_tries = 5;
const max_redirects = 10;

/**
 * Leaves the whole file at `path`. What is there already is kept if the server still has the same file, which
 * `path`.tag remembers by its ETag or date. A transfer that breaks off is taken up again, a few times.
 */
export async function download(url: URL, path: string, options: DownloadOptions): Promise<void> {
  let before: number;
  await with_retries(
    async () => {
      before = await size_of(path);
      await transfer(url, path, options);
    },
    options.signal,
    async () => (await size_of(path)) > before,
  );
  await rm(`${path}.tag`, { force: true });
}

/** Tries again, a few times and later each time, what ends with NETWORK; from the beginning once a try `got_on`. */
export async function with_retries<T>(
  attempt: () => Promise<T>,
  signal: AbortSignal | undefined,
  got_on: () => Promise<boolean> = async () => false,
): Promise<T> {
  for (let tries = 1; ; ++tries) {
    try {
      return await attempt();
    } catch (error) {
      if (signal?.aborted) throw HearthError.aborted(signal);
      if (error instanceof HearthError && error.code !== "NETWORK") throw error;
      if (await got_on()) tries = 0;
      if (tries >= max_tries) throw HearthError.from(error, "NETWORK");
      await sleep(200 * 2 ** tries, undefined, { signal });
    }
  }
}

/** Deletes what is there of an unfinished download. */
export async function discard_partial(path: string): Promise<void> {
  await rm(path, { force: true });
  await rm(`${path}.tag`, { force: true });
}

/** One request. */
async function transfer(url: URL, path: string, options: DownloadOptions): Promise<void> {
  const have = await size_of(path);
  const tag = await readFile(`${path}.tag`, "utf8").catch(() => "");
  const resuming = have > 0 && tag !== "";
  const response = await request(url, resuming ? { range: `bytes=${have}-`, "if-range": tag } : {}, options);
  if (resuming && response.status === 416 && range_of(response).total === have) return; // it was whole
  if (resuming && !goes_on(response, have, tag)) {
    void response.body?.cancel().catch(() => {});
    await discard_partial(path);
    throw new HearthError("NETWORK", `${url}: the server does not go on at byte ${have}`, { url: url.href });
  }
  if (!response.ok || !response.body) throw refused(url.href, response);
  const begin = resuming && response.status === 206 ? have : 0;
  await write(response, path, begin, url, options);
}

/**
 * The answer behind all redirects. Not in an encoded form, in which ranges would be those of that form. SERVER where it
 * leads from https: to http:, or in a circle.
 */
export async function request(url: URL, more: Record<string, string>, options: RequestOptions): Promise<Response> {
  let at = url;
  for (let redirects = 0; redirects <= max_redirects; ++redirects) {
    // Other servers learn no secrets.
    const own = at.origin === url.origin ? options.headers(url) : {};
    const response = await request_once(at, { "accept-encoding": "identity", ...own, ...more }, options.signal);
    const location = response.headers.get("location");
    if (location === null || ![301, 302, 303, 307, 308].includes(response.status)) return response;
    void response.body?.cancel().catch(() => {});
    at = next_address(at, location);
  }
  throw new HearthError("SERVER", `${url}: the server redirects without an end`, { url: url.href });
}

function next_address(at: URL, location: string): URL {
  const next = URL.canParse(location, at.href) ? new URL(location, at) : undefined;
  const why =
    next?.protocol !== "https:" && next?.protocol !== "http:"
      ? "which is no address of a file"
      : at.protocol === "https:" && next.protocol === "http:"
        ? "where anyone on the way could change the file; load that address itself if you trust the way"
        : undefined;
  if (why === undefined) return next as URL;
  throw new HearthError("SERVER", `${at}: it redirects to ${next ?? location}, ${why}`, { url: at.href });
}

function request_once(url: URL, headers: Record<string, string>, signal: AbortSignal | undefined): Promise<Response> {
  return fetch(url, { headers, redirect: "manual", signal: signal ?? null }).catch((error: Error) => {
    if (signal?.aborted) throw HearthError.aborted(signal);
    const message = `${url}: ${String(error.cause ?? error.message)}`;
    const details = { url: url.href, cause: error };
    if (!is_about_certificate(error.cause)) throw new HearthError("NETWORK", message, details);
    const hint = "where it is of an authority of your own, start Node.js with NODE_EXTRA_CA_CERTS naming its PEM file";
    throw new HearthError("SERVER", `${message}: the server's certificate is not trusted; ${hint}`, details);
  });
}

/** Whether asking again would be in vain. */
function is_about_certificate(cause: unknown): boolean {
  const { code } = (cause ?? {}) as NodeJS.ErrnoException;
  return code !== undefined && /CERT|^UNABLE_TO_/.test(code);
}

/** Whether an answer to a request for the bytes from `have` on has those, of the same file; or has all of the file. */
function goes_on(response: Response, have: number, tag: string): boolean {
  if (response.status === 416) return false;
  if (response.status !== 206) return true;
  const { begin = have } = range_of(response);
  const found = validator_of(response);
  return begin === have && !is_encoded(response) && (found === "" || found === tag);
}

/** Puts the body at byte `begin`. What was there before stays until it is known that a model comes. */
async function write(response: Response, path: string, begin: number, url: URL, options: DownloadOptions) {
  const length = length_of(response);
  const total = length === undefined ? 0 : begin + length;
  if (length !== undefined) {
    await check_room(path, length - (begin === 0 ? await size_of(path) : 0)).catch((error: unknown) => {
      void response.body?.cancel().catch(() => {});
      throw error;
    });
  }
  const body = response.body as unknown as AsyncIterable<Uint8Array<ArrayBuffer>>;
  const bytes = options.isModel && begin === 0 ? only_gguf(body, url.href) : body;
  let file: FileHandle | undefined;
  let loaded = begin;
  try {
    for await (const chunk of bytes) {
      file ??= await open_at(path, begin, is_encoded(response) ? "" : validator_of(response));
      await write_all(file, chunk, loaded, path);
      loaded += chunk.length;
      options.onBytes(loaded, Math.max(total, loaded));
    }
    file ??= await open_at(path, begin, "");
  } finally {
    await file?.close();
  }
  if (total > 0 && loaded !== total) {
    throw new HearthError("NETWORK", `${url}: it broke off at byte ${loaded} of ${total}`, { url: url.href });
  }
}

/** CACHE_QUOTA where the disk has less than `bytes` for what will be at `path`. */
async function check_room(path: string, bytes: number): Promise<void> {
  const disk = await statfs(dirname(path));
  const free = disk.bavail * disk.bsize;
  if (bytes <= free) return;
  const message = `${path}: ${bytes} more bytes are needed, and its disk has ${free}; delete models from the cache`;
  throw new HearthError("CACHE_QUOTA", message);
}

/** From the beginning in place of what was there, with the tag to go on by. */
async function open_at(path: string, begin: number, tag: string): Promise<FileHandle> {
  try {
    if (begin > 0) return await open(path, "r+");
    const file = await open(path, "w");
    await writeFile(`${path}.tag`, tag);
    return file;
  } catch (error) {
    throw io_error(path, error);
  }
}

async function write_all(file: FileHandle, bytes: Uint8Array, position: number, path: string): Promise<void> {
  try {
    for (let at = 0; at < bytes.length; ) {
      at += (await file.write(bytes, at, bytes.length - at, position + at)).bytesWritten;
    }
  } catch (error) {
    throw io_error(path, error);
  }
}
