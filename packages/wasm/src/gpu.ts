/** A GPU as an instance of a module calls it: bindings/wasm/gpu.cpp. */

import { HearthError } from "@hearth/core";
import { error_codes } from "@hearth/core/platform";
import type { GpuProperties, GpuRunner } from "@hearth/gpu";
import { RepeatedCall } from "./repeated_call.js";

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
  reopen(): number;
  begin_profile(): void;
  kernel_calls(kernel: number): number;
  kernel_seconds(kernel: number): number;
  /** Puts what the last error said into memory, cut off if need be, and returns its size in bytes. */
  message(into: number, size: number): number;
}

/** A GPU that an instance computes with. Nothing waits for it but the event loop: answers advance between its turns. */
export class InstanceGpu {
  readonly #runner: GpuRunner;
  readonly #bytes_at: (address: number, size: number) => Uint8Array;
  readonly host: GpuHost = this.#make_host();
  #failure = "";
  /** The calls so far, one after the other. */
  #calls: Promise<unknown> = Promise.resolve();
  /** The one that is not done yet, */
  #call: RepeatedCall | undefined;
  /** and whether it is being made. */
  #calling = false;

  /** `bytes_at` gives a view of the instance's memory. */
  constructor(runner: GpuRunner, bytes_at: (address: number, size: number) => Uint8Array) {
    this.#runner = runner;
    this.#bytes_at = bytes_at;
  }

  get properties(): GpuProperties {
    return this.#runner.properties;
  }

  /** Until calls and all else that the GPU was asked for are done. Rejects with what has gone wrong with it. */
  async settled(): Promise<void> {
    await this.#calls;
    await this.#runner.settled();
  }

  /** A call of the instance that may read from the GPU. `step_is_over` ends a step of answers, if the GPU is done with it. */
  call<T>(make: () => T, step_is_over?: () => boolean): Promise<T> {
    const made = this.#calls.then(async () => {
      const call = new RepeatedCall(this.#runner);
      this.#call = call;
      try {
        return await call.run(() => {
          this.#calling = true;
          try {
            return make();
          } finally {
            this.#calling = false;
          }
        }, step_is_over);
      } finally {
        this.#call = undefined;
      }
    });
    this.#calls = made.catch(() => {});
    return made;
  }

  close(): void {
    this.#runner.close();
  }

  /** Who is asked for what changes the GPU, or reads of it: the call that is made now, else the runner. */
  get #asked(): Pick<GpuRunner, "write" | "submit" | "beginRead"> {
    if (this.#call && this.#calling) return this.#call;
    this.#call?.spoil();
    return this.#runner;
  }

  #wait(): void {
    if (this.#call && this.#calling) {
      this.#call.wait();
    } else if (!this.#runner.ready()) {
      this.#runner.dropReads();
      throw new HearthError("UNSUPPORTED", "nothing may wait for a browser's GPU");
    }
  }

  #reopen(): void {
    this.#runner.reopen();
    this.#call?.begin_anew();
  }

  #make_host(): GpuHost {
    const words_at = (address: number, count: number) =>
      new Uint32Array(this.#bytes_at(address, count * 4).buffer, address, count);
    return {
      create_block: (size) => this.#attempt(() => this.#runner.createBlock(size)),
      destroy_block: (block) =>
        this.#tell(() => {
          this.#call?.spoil();
          this.#runner.destroyBlock(block);
        }),
      // Of a copy, because memory that is shared cannot be decoded.
      kernel: (name, size) =>
        this.#attempt(() => this.#runner.kernel(new TextDecoder().decode(this.#bytes_at(name, size).slice()))),
      write: (block, offset, from, size) =>
        this.#tell(() => this.#asked.write(block, offset, this.#bytes_at(from, size))),
      submit: (commands, command_words, bindings, binding_words, parameters, parameter_words, data, data_words) =>
        this.#tell(() =>
          this.#asked.submit({
            commands: words_at(commands, command_words),
            bindings: words_at(bindings, binding_words),
            parameters: words_at(parameters, parameter_words),
            data: words_at(data, data_words),
          }),
        ),
      begin_read: (block, offset, into, size) =>
        this.#tell(() => this.#asked.beginRead(block, offset, size, (bytes) => this.#bytes_at(into, size).set(bytes))),
      ready: () => this.#attempt(() => Number(this.#runner.ready())),
      wait: () => this.#tell(() => this.#wait()),
      reopen: () => this.#tell(() => this.#reopen()),
      begin_profile: () => this.#tell(() => this.#runner.beginProfile()),
      kernel_calls: (kernel) => this.#runner.kernelTime(kernel).calls,
      kernel_seconds: (kernel) => this.#runner.kernelTime(kernel).seconds,
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

  /** An exception would leave the engine in the middle of what it does. */
  #tell(run: () => void): number {
    return this.#attempt(() => {
      run();
      return 0;
    });
  }
}
