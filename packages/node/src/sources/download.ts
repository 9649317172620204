/** Downloads one file over HTTP, from where an earlier try broke off. */

import { type FileHandle, open, readFile, rm, writeFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { HearthError } from "@hearth/core";
import { is_encoded, length_of, only_gguf, range_of, refused, validator_of } from "@hearth/core/sources";
import { size_of } from "./entries.js";
import { io_error } from "./io_error.js";

export interface DownloadOptions {
  headers: Record<string, string>;
  signal: AbortSignal | undefined;
  /** Whether it begins a model: what is no GGUF file is refused then as it begins to arrive. */
  isModel: boolean;
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

/** Not in an encoded form, in which ranges would be those of that form. */
export async function request(
  url: URL,
  more: Record<string, string>,
  options: Pick<DownloadOptions, "headers" | "signal">,
): Promise<Response> {
  const headers = { "accept-encoding": "identity", ...options.headers, ...more };
  return fetch(url, { headers, signal: options.signal ?? null }).catch((error: Error) => {
    if (options.signal?.aborted) throw HearthError.aborted(options.signal);
    const message = `${url}: ${String(error.cause ?? error.message)}`;
    throw new HearthError("NETWORK", message, { url: url.href, cause: error });
  });
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
