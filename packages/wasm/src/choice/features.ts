/** What this platform's WebAssembly can do, found by asking it to check tiny modules: never by its name. */

import type { WasmFeatures } from "@hearth/core";

/** A module of sections; sizes are computed, all below 128, so that each is one byte of LEB128. */
function module_of(...sections: [id: number, ...content: number[]][]): Uint8Array<ArrayBuffer> {
  const header = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  return Uint8Array.from([...header, ...sections.flatMap(([id, ...content]) => [id, content.length, ...content])]);
}

/** One function without parameters, that gives `results` by `code`. */
function function_of(results: number[], code: number[], ...others: [id: number, ...content: number[]][]) {
  const body = [0, ...code, 0x0b];
  return module_of([1, 1, 0x60, 0, results.length, ...results], [3, 1, 0], ...others, [10, 1, body.length, ...body]);
}

const v128 = 0x7b;
/** i32.const 0, i8x16.splat */
const zeros = [0x41, 0, 0xfd, 0x0f];

const probes = {
  simd: function_of([v128], zeros),
  /** i32x4.relaxed_dot_i8x16_i7x16_add_s */
  relaxedSimd: function_of([v128], [...zeros, ...zeros, ...zeros, 0xfd, 0x93, 0x02]),
  /** A shared memory, and i32.atomic.load from it. */
  threads: function_of([], [0x41, 0, 0xfe, 0x10, 2, 0, 0x1a], [5, 1, 3, 1, 1]),
  /** A memory with 64-bit addresses. */
  memory64: module_of([5, 1, 4, 1]),
};

let found: WasmFeatures | undefined;

export function wasm_features(): WasmFeatures {
  found ??= Object.fromEntries(
    Object.entries(probes).map(([name, bytes]) => [
      name,
      typeof WebAssembly === "object" && WebAssembly.validate(bytes),
    ]),
  ) as unknown as WasmFeatures;
  return found;
}

/** Whether a module with shared memory runs here. Most browsers let any page have that, if only for one thread. */
export function has_shared_memory(): boolean {
  try {
    return new WebAssembly.Memory({ initial: 0, maximum: 1, shared: true }) !== undefined;
  } catch {
    return false;
  }
}

/** Whether memory may be shared between threads here. */
export function can_share_memory(): boolean {
  return typeof SharedArrayBuffer === "function" && (globalThis.crossOriginIsolated ?? true);
}
