/**
 * Reads a model's layers in a worker of their own while the engine computes. That worker hears of what to read by
 * messages; the engine's, which hears of nothing while it computes, sees in shared memory how far the other has come.
 */

import type { Source } from "@hearth/wasm";
import type { Part } from "../sources/part_resolver.js";
import type { ByteReader } from "./byte_reader.js";

/** What the worker is told first. It answers true when it is ready, false if it cannot read the message. */
interface Start {
  parts: { name: string; file: Blob | FileSystemFileHandle }[];
  state: Int32Array<SharedArrayBuffer>;
}

/** What it is told then, without an answer. Requests count from 1, and are done in turns. */
interface ReadRequest {
  part: number;
  offset: number;
  memory: SharedArrayBuffer;
  address: number;
  size: number;
}

/** Indices of the shared state: how many requests are done, and the first that failed, after which nothing is read. */
const done_index = 0;
const failed_index = 1;

export class ReadAhead {
  readonly #port: MessagePort;
  readonly #state = new Int32Array(new SharedArrayBuffer(8));
  /** By the address that they fill: the numbers of requests whose bytes were not read yet. */
  readonly #asked = new Map<number, number>();
  #count = 0;

  private constructor(port: MessagePort) {
    this.#port = port;
  }

  /** `port` leads to serve_requests in another worker. Undefined if the parts cannot be had there. */
  static async open(port: MessagePort, parts: Part[]): Promise<ReadAhead | undefined> {
    const ahead = new ReadAhead(port);
    const by_handle = parts.map(({ name, blob, handle }) => ({ name, file: handle ?? blob }));
    // A handle can be read faster, but does not reach another worker in Firefox.
    const by_blob = parts.map(({ name, blob }) => ({ name, file: blob }));
    for (const files of [by_handle, by_blob]) {
      const answer = new Promise<MessageEvent<boolean>>((resolve) => {
        port.onmessage = resolve;
      });
      port.postMessage({ parts: files, state: ahead.#state } satisfies Start);
      if ((await answer).data) return ahead;
    }
    return undefined;
  }

  /** The part behind `reader`, which reads whatever was not read ahead. */
  source(reader: ByteReader, part: number) {
    return {
      name: reader.name,
      size: reader.size,
      readAhead: (offset: number, { buffer, byteOffset: address, length: size }: Uint8Array) => {
        const memory = buffer as unknown as SharedArrayBuffer;
        this.#port.postMessage({ part, offset, memory, address, size } satisfies ReadRequest);
        this.#asked.set(address, ++this.#count);
      },
      read: (offset: number, into: Uint8Array) => {
        const request = this.#asked.get(into.byteOffset);
        this.#asked.delete(into.byteOffset);
        if (request !== undefined && this.#wait(request)) return into.length;
        return reader.read(offset, into);
      },
    } satisfies Source;
  }

  /** True if what was asked for is there. */
  #wait(request: number): boolean {
    for (;;) {
      const done = Atomics.load(this.#state, done_index);
      if (done >= request) break;
      Atomics.wait(this.#state, done_index, done);
    }
    const failed = Atomics.load(this.#state, failed_index);
    return failed === 0 || request < failed;
  }
}

/** The worker's side. */
export function serve_requests(port: MessagePort, open: (part: Part) => Promise<ByteReader | undefined>): void {
  port.onmessageerror = () => port.postMessage(false);
  port.onmessage = async ({ data: { parts, state } }: MessageEvent<Start>) => {
    const readers = await Promise.all(
      parts.map(async ({ name, file }) =>
        open("getFile" in file ? { name, blob: await file.getFile(), handle: file } : { name, blob: file }),
      ),
    );
    port.onmessage = ({ data: request }: MessageEvent<ReadRequest>) => {
      if (Atomics.load(state, failed_index) === 0 && !fill(readers[request.part], request)) {
        Atomics.store(state, failed_index, Atomics.load(state, done_index) + 1);
      }
      Atomics.add(state, done_index, 1);
      Atomics.notify(state, done_index);
    };
    port.postMessage(true);
  };
}

/** Whether all of it could be read. */
function fill(reader: ByteReader | undefined, { offset, memory, address, size }: ReadRequest): boolean {
  try {
    const into = new Uint8Array(memory, address, size);
    for (let done = 0; done < size; ) {
      const count = reader?.read(offset + done, into.subarray(done)) ?? 0;
      if (count <= 0) return false;
      done += count;
    }
    return true;
  } catch {
    return false;
  }
}
