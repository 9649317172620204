/** Brings files over the network: several requests at once, bytes in order, resumed where a transfer breaks off. */

import { HearthError } from "@hearth/core";
import { is_encoded, range_of, refused } from "@hearth/core/sources";
import { type RemoteFile, type RequestContext, request, validator_of } from "./remote_file.js";

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

/** The bytes of all pieces, in order; each chunk only until the next is asked for. Whoever stops reading ends the requests. */
export async function* download(
  pieces: Piece[],
  context: RequestContext,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  const stop = new AbortController();
  const signal = context.signal ? AbortSignal.any([stop.signal, context.signal]) : stop.signal;
  const buffers = new Buffers();
  const waiting = pieces[Symbol.iterator]();
  const transfers: Transfer[] = [];
  const start_next = () => {
    const next = waiting.next();
    if (!next.done) transfers.push(new Transfer(next.value, { headers: context.headers, signal }, buffers));
  };
  try {
    for (let count = 0; count < requests_at_once; ++count) start_next();
    for (let current = transfers.shift(); current; current = transfers.shift()) {
      for (let bytes = await current.next(); bytes; bytes = await current.next()) {
        yield bytes;
        buffers.give(bytes.buffer);
      }
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

  constructor(piece: Piece, context: RequestContext, buffers: Buffers) {
    this.#run(piece, context, buffers)
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
  async #run(piece: Piece, context: RequestContext, buffers: Buffers): Promise<void> {
    let begin = piece.begin;
    for (let tries = 1; ; ++tries) {
      const before = begin;
      try {
        for await (const bytes of transfer({ ...piece, begin }, context, buffers)) {
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
  piece: Piece,
  context: RequestContext,
  buffers: Buffers,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  const { file, begin, end } = piece;
  const { url, size } = file;
  const response = await request(url, context, { headers: range_headers(piece) });
  check_response(response, piece);
  let at = response.status === 206 ? begin : 0; // a server that sends it all, from the beginning
  const to_its_end = response.status !== 206 && end === size;
  const chunks = chunks_of(response, buffers);
  try {
    while (at < end || to_its_end) {
      const { value, done } = await chunks.next().catch((error: Error) => {
        throw new HearthError("NETWORK", `${url}: it broke off at byte ${at}: ${error.message}`, { url, cause: error });
      });
      if (done) break;
      const bytes = value.subarray(Math.max(0, begin - at), Math.min(value.length, end - at));
      at += value.length;
      if (at > size) throw new HearthError("INTEGRITY", `${url}: it has more than the expected ${size} bytes`, { url });
      if (bytes.length > 0) yield bytes;
    }
  } finally {
    void chunks.return();
  }
  if (at < end && Number.isFinite(end)) {
    throw new HearthError("NETWORK", `${url}: it broke off at byte ${at} of ${size}`, { url });
  }
}

function range_headers({ file, begin, end }: Piece): Record<string, string> {
  const whole = begin === 0 && end === file.size;
  if (file.encoded || (whole && !file.ranges)) return {};
  return { range: `bytes=${begin}-${Number.isFinite(end) ? end - 1 : ""}` };
}

function check_response(response: Response, { file, begin }: Piece): void {
  const { url } = file;
  const error = response.ok && response.body ? undefined : refused(url, response);
  const changed = response.status === 416 || (!error && has_changed(response, file));
  const sent = response.status === 206 ? (range_of(response).begin ?? begin) : begin;
  if (!error && !changed && sent === begin) return;
  void response.body?.cancel().catch(() => {});
  if (changed) {
    const message = `${url}: the file was changed while it was downloaded: load it again`;
    throw new HearthError("INTEGRITY", message, { url });
  }
  throw error ?? new HearthError("NETWORK", `${url}: the server sent byte ${sent} for byte ${begin}`, { url });
}

/** A compressed form has an ETag of its own, or a weak one, in whose place there is a date. */
function has_changed(response: Response, { validator }: RemoteFile): boolean {
  const found = validator_of(response);
  const comparable = found !== "" && found.startsWith('"') === validator.startsWith('"') && !is_encoded(response);
  return validator !== "" && comparable && found !== validator;
}

/** A response's bytes in buffers that are used again: new ones would fill the heap faster than it is cleaned. */
async function* chunks_of(response: Response, buffers: Buffers): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  const body = response.body as ReadableStream<Uint8Array<ArrayBuffer>>;
  const reader = byte_reader(body);
  if (!reader) return yield* body;
  try {
    for (let ended = false; !ended; ) {
      let buffer = buffers.take();
      let filled = 0;
      while (filled < buffer.byteLength && !ended) {
        const { value, done } = await reader.read(new Uint8Array(buffer, filled));
        if (!value) return; // cancelled
        buffer = value.buffer;
        filled += value.length;
        ended = done;
      }
      if (filled > 0) yield new Uint8Array(buffer, 0, filled);
    }
  } finally {
    void reader.cancel().catch(() => {});
  }
}

/** Undefined where a response's body cannot be read into buffers that are handed over. */
function byte_reader(body: ReadableStream): ReadableStreamBYOBReader | undefined {
  try {
    return body.getReader({ mode: "byob" });
  } catch {
    return undefined;
  }
}

/** A write or a hash of so much costs little; so much is asked for again at most where a transfer breaks off. */
const buffer_size = 128 * 2 ** 10;

class Buffers {
  readonly #free: ArrayBuffer[] = [];

  take(): ArrayBuffer {
    return this.#free.pop() ?? new ArrayBuffer(buffer_size);
  }

  give(buffer: ArrayBuffer): void {
    if (buffer.byteLength === buffer_size) this.#free.push(buffer);
  }
}
