/** Which build of the engine as WebAssembly runs here. */

import { HearthError } from "../errors.js";
import type { WasmFeatures } from "./features.js";

/** One thread and SIMD128; threads and relaxed SIMD; the same with 64-bit addresses. */
export type ModuleName = "simd128" | "threads" | "threads64";

/**
 * What 32-bit addresses hold, less 256 MiB for the engine itself and what it computes with: a model's weights with the
 * keys and values of its context must fit.
 */
export const memory32_limit = 4 * 2 ** 30 - 256 * 2 ** 20;
/** The same for 64-bit addresses, of which browsers grant 16 GiB. */
export const memory64_limit = 16 * 2 ** 30 - 256 * 2 ** 20;

/** 64-bit addresses cost speed, so they are taken only where `bytes` of weights, keys and values need them. */
export function choose_module(features: WasmFeatures & { sharedMemory: boolean }, bytes: number): ModuleName {
  if (!features.simd) {
    throw new HearthError(
      "UNSUPPORTED_MODEL",
      "no model runs here: this browser's WebAssembly has no SIMD; a current one has",
    );
  }
  const threads = features.threads && features.sharedMemory && features.relaxedSimd;
  if (bytes <= memory32_limit) return threads ? "threads" : "simd128";
  if (threads && features.memory64 && bytes <= memory64_limit) return "threads64";
  const limit = threads && features.memory64 ? memory64_limit : memory32_limit;
  const remedy = !threads
    ? "a cross-origin isolated page may use more"
    : features.memory64
      ? "set memoryLimit to stream its layers"
      : "a browser with Memory64 may use more, or set memoryLimit to stream its layers";
  throw new HearthError(
    "MODEL_TOO_LARGE",
    `the model needs ${bytes} bytes of memory, and ${limit} are all that there is here: ${remedy}`,
    {
      bytes,
      limit,
    },
  );
}
