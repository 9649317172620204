/** A GPU as an instance of a module calls it: bindings/wasm/gpu.cpp. */

import { HearthError } from "@hearth/core";
import { error_codes } from "@hearth/core/platform";
import type { GpuProperties, GpuRunner } from "@hearth/gpu";

/** What can fail returns minus the error's hearth_status then. */
export interface GpuHost {
  create_block(size: number): number;
  destroy_block(block: number): void;
  kernel(name: number, size: number): number;
  write(block: number, offset: number, from: number, size: number): void;
  /** Each array is where it lies, and how many words it has. */
  submit(
    commands: number,
    command_words: number,
    bindings: number,
    binding_words: number,
    parameters: number,
    parameter_words: number,
    data: number,
    data_words: number,
  ): void;
  begin_read(block: number, offset: number, into: number, size: number): void;
  /** 1 or 0. */
  ready(): number;
  wait(): number;
  /** Puts what the last error said into memory, cut off if need be, and returns its size in bytes. */
  message(into: number, size: number): number;
}

/**
 * A GPU that an instance computes with. Nothing waits for it but the event loop: answers advance between its turns, and a
 * call that needs what it has just read is made once more when that is there (`call`).
 */
export class InstanceGpu {
  readonly #runner: GpuRunner;
  readonly #bytes_at: (address: number, size: number) => Uint8Array;
  readonly host: GpuHost = this.#make_host();
  #failure = "";
  /** What the call that is being made has read, of this time and those before. */
  #reads: { answers: (Uint8Array | undefined)[]; count: number; missing: boolean } | undefined;

  /** `bytes_at` gives a view of the instance's memory. */
  constructor(runner: GpuRunner, bytes_at: (address: number, size: number) => Uint8Array) {
    this.#runner = runner;
    this.#bytes_at = bytes_at;
  }

  get properties(): GpuProperties {
    return this.#runner.properties;
  }

  /** Until all is done that the GPU was asked for. Rejects with what has gone wrong with it. */
  settled(): Promise<void> {
    return this.#runner.settled();
  }

  /**
   * A call of the instance that may read from the GPU. Where it would have to wait for that, it fails and is made again,
   * when it is given what it read at once; it computes the same each time. Most read once.
   */
  async call<T>(make: () => T): Promise<T> {
    for (const answers: (Uint8Array | undefined)[] = []; ; ) {
      // Of an answer's step that is going on, too, which a call ends.
      do await this.#runner.settled();
      while (!this.#runner.ready());
      const reads = { answers, count: 0, missing: false };
      this.#reads = reads;
      try {
        return make();
      } catch (error) {
        if (!reads.missing) throw error;
      } finally {
        this.#reads = undefined;
      }
    }
  }

  close(): void {
    this.#runner.close();
  }

  #begin_read(block: number, offset: number, into: number, size: number): void {
    const reads = this.#reads;
    if (!reads) {
      this.#runner.beginRead(block, offset, size, (bytes) => this.#bytes_at(into, size).set(bytes));
      return;
    }
    const place = reads.count++;
    const answer = reads.answers[place];
    if (answer) this.#bytes_at(into, size).set(answer);
    else {
      this.#runner.beginRead(block, offset, size, (bytes) => {
        reads.answers[place] = bytes.slice();
      });
    }
  }

  #wait(): number {
    const reads = this.#reads;
    if (reads) {
      for (let i = 0; i < reads.count; ++i) reads.missing ||= reads.answers[i] === undefined;
      if (!reads.missing) return 0;
    } else {
      if (this.#runner.ready()) return 0;
      this.#runner.dropReads();
    }
    throw new HearthError("UNSUPPORTED", "nothing may wait for a browser's GPU");
  }

  #make_host(): GpuHost {
    const words_at = (address: number, count: number) =>
      new Uint32Array(this.#bytes_at(address, count * 4).buffer, address, count);
    return {
      create_block: (size) => this.#attempt(() => this.#runner.createBlock(size)),
      destroy_block: (block) => this.#tell(() => this.#runner.destroyBlock(block)),
      // Of a copy, because memory that is shared cannot be decoded.
      kernel: (name, size) =>
        this.#attempt(() => this.#runner.kernel(new TextDecoder().decode(this.#bytes_at(name, size).slice()))),
      write: (block, offset, from, size) =>
        this.#tell(() => this.#runner.write(block, offset, this.#bytes_at(from, size))),
      submit: (commands, command_words, bindings, binding_words, parameters, parameter_words, data, data_words) =>
        this.#tell(() =>
          this.#runner.submit({
            commands: words_at(commands, command_words),
            bindings: words_at(bindings, binding_words),
            parameters: words_at(parameters, parameter_words),
            data: words_at(data, data_words),
          }),
        ),
      begin_read: (block, offset, into, size) => this.#tell(() => this.#begin_read(block, offset, into, size)),
      ready: () => this.#attempt(() => Number(this.#runner.ready())),
      wait: () => this.#attempt(() => this.#wait()),
      message: (into, size) => {
        const bytes = new TextEncoder().encode(this.#failure).subarray(0, size);
        this.#bytes_at(into, bytes.length).set(bytes);
        return bytes.length;
      },
    };
  }

  #attempt(run: () => number): number {
    try {
      return run();
    } catch (error) {
      const { code, message } = HearthError.from(error);
      this.#failure = message;
      return -1 - error_codes.indexOf(code);
    }
  }

  /** An exception would leave the engine in the middle of what it does; the runner tells the fault when it is asked. */
  #tell(run: () => void): void {
    this.#attempt(() => {
      run();
      return 0;
    });
  }
}
