/** Brings files over the network: several requests at once, bytes in order, resumed where a transfer breaks off. */

import { HearthError } from "@hearth/core";
import { type RemoteFile, type RequestContext, refused, request, validator_of } from "./remote_file.js";

/** Bytes [begin, end) of a file. */
export interface Piece {
  file: RemoteFile;
  begin: number;
  end: number;
}

/** Small enough that four of them wait in memory without being noticed, large enough that requests cost little. */
const piece_size = 8 * 2 ** 20;
const requests_at_once = 4;
const max_tries = 5;

/** What is missing of `files`, put one after the other, when the first `have` bytes are there. */
export function pieces_from(files: RemoteFile[], have: number): Piece[] {
  const pieces: Piece[] = [];
  let before = 0;
  for (const file of files) {
    const first = Math.max(0, have - before);
    const step = file.ranges && Number.isFinite(file.size) ? piece_size : Infinity;
    for (let begin = first; begin < file.size; begin += step) {
      pieces.push({ file, begin, end: Math.min(begin + step, file.size) });
    }
    before += file.size;
  }
  return pieces;
}

/** The bytes of all pieces, in order. Whoever stops reading ends the requests. */
export async function* download(
  pieces: Piece[],
  context: RequestContext,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  const stop = new AbortController();
  const signal = context.signal ? AbortSignal.any([stop.signal, context.signal]) : stop.signal;
  const waiting = pieces[Symbol.iterator]();
  const transfers: Transfer[] = [];
  const start_next = () => {
    const next = waiting.next();
    if (!next.done) transfers.push(new Transfer(next.value, { headers: context.headers, signal }));
  };
  try {
    for (let count = 0; count < requests_at_once; ++count) start_next();
    for (let current = transfers.shift(); current; current = transfers.shift()) {
      for (let bytes = await current.next(); bytes; bytes = await current.next()) yield bytes;
      start_next();
    }
  } catch (error) {
    throw context.signal?.aborted ? HearthError.aborted(context.signal) : error;
  } finally {
    stop.abort();
  }
}

/** One piece on its way: what has come is kept until it is its turn. */
class Transfer {
  #arrived: Uint8Array<ArrayBuffer>[] = [];
  #ended = false;
  #failure: unknown;
  #wake: (() => void) | undefined;

  constructor(piece: Piece, context: RequestContext) {
    this.#run(piece, context)
      .catch((error: unknown) => (this.#failure = error))
      .finally(() => {
        this.#ended = true;
        this.#wake?.();
      });
  }

  async next(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    while (this.#arrived.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    const bytes = this.#arrived.shift();
    if (bytes === undefined && this.#failure !== undefined) throw this.#failure;
    return bytes;
  }

  /** Tries again, from the byte reached; without end as long as it gets on. */
  async #run(piece: Piece, context: RequestContext): Promise<void> {
    let begin = piece.begin;
    for (let tries = 1; ; ++tries) {
      const before = begin;
      try {
        for await (const bytes of transfer({ ...piece, begin }, context)) {
          begin += bytes.length;
          this.#arrived.push(bytes);
          this.#wake?.();
        }
        return;
      } catch (error) {
        const passing = error instanceof HearthError && error.code === "NETWORK";
        if (context.signal?.aborted || !passing) throw error;
        if (begin > before) tries = 1;
        if (tries >= max_tries) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100 * 2 ** tries));
        if (context.signal?.aborted) throw HearthError.aborted(context.signal);
      }
    }
  }
}

/** One request. NETWORK where it breaks off. */
async function* transfer(
  { file, begin, end }: Piece,
  context: RequestContext,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  const { url, size, validator } = file;
  const whole = begin === 0 && end === size;
  const headers: Record<string, string> = whole
    ? {}
    : { range: `bytes=${begin}-${Number.isFinite(end) ? end - 1 : ""}` };
  const response = await request(url, context, { headers });
  if (!response.ok || !response.body) throw refused(url, response);
  if (validator !== "" && validator_of(response) !== "" && validator_of(response) !== validator) {
    void response.body.cancel().catch(() => {});
    throw new HearthError("INTEGRITY", `${url}: the file was changed while it was downloaded: load it again`, { url });
  }
  let at = response.status === 206 ? begin : 0; // a server that sends it all, from the beginning
  const reader = response.body.getReader();
  try {
    while (at < end) {
      const { value, done } = await reader.read().catch((error: Error) => {
        throw new HearthError("NETWORK", `${url}: it broke off at byte ${at}: ${error.message}`, { url, cause: error });
      });
      if (done) break;
      const from = Math.max(0, begin - at);
      const bytes = value.subarray(from, Math.min(value.length, end - at));
      at += value.length;
      if (bytes.length > 0) yield bytes as Uint8Array<ArrayBuffer>;
    }
  } finally {
    void reader.cancel().catch(() => {});
  }
  if (at < end && Number.isFinite(end))
    throw new HearthError("NETWORK", `${url}: it broke off at byte ${at} of ${size}`, { url });
}
