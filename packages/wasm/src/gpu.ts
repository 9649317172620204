/** A GPU as an instance of a module calls it: bindings/wasm/gpu.cpp. */

import { HearthError } from "@hearth/core";
import { error_codes } from "@hearth/core/platform";
import type { GpuRunner } from "@hearth/gpu";

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

/** `bytes_at` gives a view of the instance's memory. */
export function gpu_host(runner: GpuRunner, bytes_at: (address: number, size: number) => Uint8Array): GpuHost {
  let failure = "";
  const attempt = (run: () => number): number => {
    try {
      return run();
    } catch (error) {
      const { code, message } = HearthError.from(error);
      failure = message;
      return -1 - error_codes.indexOf(code);
    }
  };
  // An exception would leave the engine in the middle of what it does; the runner tells the fault when it is asked.
  const tell = (run: () => void): void => {
    attempt(() => {
      run();
      return 0;
    });
  };
  const words_at = (address: number, count: number) => {
    const { buffer } = bytes_at(0, 0);
    return new Uint32Array(buffer, address, count);
  };
  return {
    create_block: (size) => attempt(() => runner.createBlock(size)),
    destroy_block: (block) => tell(() => runner.destroyBlock(block)),
    // A copy, because memory that is shared cannot be decoded.
    kernel: (name, size) => attempt(() => runner.kernel(new TextDecoder().decode(bytes_at(name, size).slice()))),
    write: (block, offset, from, size) => tell(() => runner.write(block, offset, bytes_at(from, size))),
    submit: (commands, command_words, bindings, binding_words, parameters, parameter_words, data, data_words) =>
      tell(() =>
        runner.submit({
          commands: words_at(commands, command_words),
          bindings: words_at(bindings, binding_words),
          parameters: words_at(parameters, parameter_words),
          data: words_at(data, data_words),
        }),
      ),
    begin_read: (block, offset, into, size) =>
      tell(() => runner.beginRead(block, offset, size, (bytes) => bytes_at(into, size).set(bytes))),
    ready: () => attempt(() => Number(runner.ready())),
    wait: () => attempt(() => (runner.ready() ? 0 : refuse_to_wait(runner))),
    message: (into, size) => {
      const bytes = new TextEncoder().encode(failure).subarray(0, size);
      bytes_at(into, bytes.length).set(bytes);
      return bytes.length;
    },
  };
}

function refuse_to_wait(runner: GpuRunner): never {
  runner.dropReads();
  throw new HearthError(
    "UNSUPPORTED",
    "a browser lets nobody wait for its GPU, so that only answers are computed there: load the model with the device 'cpu' for this",
  );
}
