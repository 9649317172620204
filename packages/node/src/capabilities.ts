/** What this machine offers, under the names that @hearth/web uses for a browser. */

import { availableParallelism, totalmem } from "node:os";
import { HearthError, type WasmFeatures } from "@hearth/core";
import { wasm_features } from "@hearth/wasm/choice";
import { load_addon } from "./addon.js";
import { describe_gpu, type FoundGpu, type GpuDescription } from "./gpu.js";
import { ModelCache } from "./sources/model_cache.js";

export interface Capabilities {
  /** Whether there is a native addon for this platform, and if not, why. */
  native: { available: true } | { available: false; reason: string };
  /** What runs models where there is no addon. */
  wasm: WasmFeatures;
  /** Nothing here waits for headers of a page. */
  crossOriginIsolated: true;
  workers: true;
  /** Logical processors that this process may use; a model takes one thread per physical core of them. */
  processors: number;
  threads: number;
  /** Bytes of the largest model that fits into memory; larger ones run with a memoryLimit. */
  largestModel: number;
  /** Bytes of the machine's memory. */
  deviceMemory: number;
  /** Where downloads are kept: what the cache could grow to, and what of that is used. */
  storage: { folder: string; quota: number; usage: number; persisted: true };
  /** Whether models can compute on a GPU, which takes the addon with @hearth/node-gpu or npm webgpu, and if not, why. */
  gpu: ({ available: true } & Pick<FoundGpu, "name" | "by">) | { available: false; reason: string };
  /** That GPU, where it is npm webgpu's. */
  webgpu: GpuDescription | undefined;
  missing: { feature: string; effect: string; remedy: string }[];
}

const remedy = "build the addon for this platform, and name it with HEARTH_ADDON";

/** Tested, not guessed from the platform's name. */
export async function getCapabilities(): Promise<Capabilities> {
  const cache = new ModelCache();
  const { quota, bytes, partialBytes } = await cache.usage();
  const native = try_addon();
  const gpu = await gpu_of(native);
  const processors = availableParallelism();
  return {
    native,
    wasm: wasm_features(),
    crossOriginIsolated: true,
    workers: true,
    processors,
    threads: processors,
    largestModel: totalmem(),
    deviceMemory: totalmem(),
    storage: { folder: cache.folder, quota, usage: bytes + partialBytes, persisted: true },
    ...gpu,
    missing: native.available
      ? []
      : [{ feature: "native addon", effect: "models run as WebAssembly, more slowly", remedy }],
  };
}

async function gpu_of(native: Capabilities["native"]): Promise<Pick<Capabilities, "gpu" | "webgpu">> {
  if (!native.available) return { gpu: native, webgpu: undefined };
  try {
    const { webgpu, ...found } = await describe_gpu();
    return { gpu: { available: true, ...found }, webgpu };
  } catch (error) {
    return { gpu: { available: false, reason: HearthError.from(error).message }, webgpu: undefined };
  }
}

function try_addon(): Capabilities["native"] {
  try {
    load_addon();
    return { available: true };
  } catch (error) {
    return { available: false, reason: HearthError.from(error).message };
  }
}
