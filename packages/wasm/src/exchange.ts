/** How bytes and outcomes cross between JavaScript and an instance of any module: bindings/wasm/exchange.h. */

import { HearthError, type HearthErrorCode } from "@hearth/core";
import { json_text } from "@hearth/core/platform";

/** Addresses and sizes are numbers in all modules. What returns -1 has failed: the result then is {code, message}. */
export interface ExchangeInstance {
  readonly wasmMemory: WebAssembly.Memory;
  /** 0 where there is no memory left. */
  _hearth_wasm_allocate(size: number): number;
  _hearth_wasm_free(address: number): void;
  /** Where the bytes are that the last call left as its result. */
  _hearth_wasm_result(): number;
  _hearth_wasm_result_size(): number;
}

/** For the `host` of an instance: called where an allocation has failed. */
export function out_of_memory(): never {
  throw new HearthError("OUT_OF_MEMORY", "the memory that WebAssembly may use is full");
}

export function bytes_at({ wasmMemory }: ExchangeInstance, address: number, size: number): Uint8Array {
  return new Uint8Array(wasmMemory.buffer, address, size);
}

export class Exchange {
  readonly #instance: ExchangeInstance;
  readonly #lost: string;
  #failure: HearthError | undefined;

  /** `lost` says of what stopped in the middle of a call what to do. */
  constructor(instance: ExchangeInstance, lost: string) {
    this.#instance = instance;
    this.#lost = lost;
  }

  /** Whether calls may still be made. */
  get works(): boolean {
    return this.#failure === undefined;
  }

  /** From now on calls fail with `failure`, unless they do already. */
  close(failure: HearthError): void {
    this.#failure ??= failure;
  }

  /** What `call` returns, or the error that it left. An instance that stops in the middle of a call is lost. */
  run(call: () => number): number {
    if (this.#failure) throw this.#failure;
    let outcome: number;
    try {
      outcome = call();
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#failure =
        error instanceof HearthError
          ? error
          : new HearthError("INTERNAL", `${this.#lost}: ${reason}`, { cause: error });
      throw this.#failure;
    }
    if (outcome !== -1) return outcome;
    const { code, message } = JSON.parse(this.text()) as { code: HearthErrorCode; message: string };
    throw new HearthError(code, message);
  }

  /** A copy of the last call's result. */
  bytes(): Uint8Array<ArrayBuffer> {
    const { _hearth_wasm_result: address, _hearth_wasm_result_size: size } = this.#instance;
    return bytes_at(this.#instance, address(), size()).slice();
  }

  text(): string {
    return new TextDecoder().decode(this.bytes());
  }

  /** Copies into the instance's memory, to stay there. */
  put(bytes: Uint8Array): number {
    const address = this.#instance._hearth_wasm_allocate(bytes.length);
    if (address === 0) {
      throw new HearthError(
        "OUT_OF_MEMORY",
        `the memory that WebAssembly may use has no room for ${bytes.length} bytes`,
      );
    }
    bytes_at(this.#instance, address, bytes.length).set(bytes);
    return address;
  }

  with_bytes<T>(bytes: Uint8Array, use: (address: number, size: number) => T): T {
    if (this.#failure) throw this.#failure;
    const address = this.put(bytes);
    try {
      return use(address, bytes.length);
    } finally {
      if (!this.#failure) this.#instance._hearth_wasm_free(address);
    }
  }

  with_text<T>(text: string, use: (address: number, size: number) => T): T {
    return this.with_bytes(new TextEncoder().encode(text), use);
  }

  with_json<T>(value: unknown, use: (address: number, size: number) => T): T {
    return this.with_text(json_text(value), use);
  }
}
