/** Which build of the engine as WebAssembly runs here. */

import { HearthError, type ModuleName, type WasmFeatures } from "@hearth/core";

/** Bytes that a model takes for good. */
export interface MemoryNeed {
  weights: number;
  /** Keys and values of all positions. */
  cache: number;
  activations: number;
}

/**
 * What 32-bit addresses hold, less 256 MiB for the engine itself, its tokenizer and what it uses in passing: all of a
 * MemoryNeed must fit.
 */
export const memory32_limit = 4 * 2 ** 30 - 256 * 2 ** 20;
/** The same for 64-bit addresses, of which browsers grant 16 GiB. */
export const memory64_limit = 16 * 2 ** 30 - 256 * 2 ** 20;

/** 64-bit addresses cost speed, so they are taken only where the model needs them. */
export function choose_module(features: WasmFeatures & { sharedMemory: boolean }, need: MemoryNeed): ModuleName {
  if (!features.simd) {
    throw new HearthError(
      "UNSUPPORTED_MODEL",
      "no model runs here: this browser's WebAssembly has no SIMD; a current one has",
    );
  }
  const relaxed = features.threads && features.sharedMemory && features.relaxedSimd;
  const module = relaxed ? "threads" : "simd128";
  if (fits(need, module)) return module;
  if (!fits(need, "threads64")) throw too_large(need, "threads64", "no browser grants more");
  if (!relaxed) throw too_large(need, module, "a browser with relaxed SIMD, shared memory and Memory64 may use more");
  if (!features.memory64) throw too_large(need, module, "a browser with Memory64 may use more");
  return "threads64";
}

/**
 * Opens a model of `bytes` of weights in the smallest module that holds it. How much its keys, values and activations
 * take is in its header, which `open` reads first (check_need): where they do not fit, the next module is tried.
 */
export async function open_in_module<T>(
  features: WasmFeatures & { sharedMemory: boolean },
  bytes: number,
  open: (module: ModuleName) => Promise<T>,
): Promise<T> {
  const first = choose_module(features, { weights: bytes, cache: 0, activations: 0 });
  try {
    return await open(first);
  } catch (error) {
    if (!(error instanceof HearthError) || error.code !== "MODEL_TOO_LARGE") throw error;
    const next = choose_module(features, error.details as unknown as MemoryNeed);
    if (next === first) throw error;
    return open(next);
  }
}

/** MODEL_TOO_LARGE, with the MemoryNeed in its details, if the module's memory does not hold that. */
export function check_need(module: ModuleName, need: MemoryNeed): void {
  if (!fits(need, module)) throw too_large(need, module, "module 'threads64' holds 15.75 GiB");
}

/**
 * Keys and values are one piece of memory. With 32-bit addresses that has less than half of them, because differences of
 * addresses have a sign; 64 KiB less are left for its alignment.
 */
const largest_piece32 = 2 ** 31 - 2 ** 16;

function fits(need: MemoryNeed, module: ModuleName): boolean {
  return total(need) <= limit_of(module) && (module === "threads64" || need.cache <= largest_piece32);
}

function total({ weights, cache, activations }: MemoryNeed): number {
  return weights + cache + activations;
}

function limit_of(module: ModuleName): number {
  return module === "threads64" ? memory64_limit : memory32_limit;
}

function too_large(need: MemoryNeed, module: ModuleName, remedy: string): HearthError {
  const bytes = total(need);
  const limit = limit_of(module);
  const for_cache = module === "threads64" ? "" : `, ${gib(largest_piece32)} of them for keys and values`;
  return new HearthError(
    "MODEL_TOO_LARGE",
    `the model needs ${gib(bytes)} of memory (weights ${gib(need.weights)}, keys and values ${gib(need.cache)}), and ` +
      `there are at most ${gib(limit)}${for_cache}: ${remedy}. A memoryLimit takes less for weights; a smaller contextSize, or kvType ` +
      `"q8_0", less for keys and values`,
    { bytes, limit, ...need },
  );
}

function gib(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(2)} GiB`;
}
