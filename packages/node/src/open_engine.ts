/** Which engine runs a model here: the native addon, or WebAssembly where there is no addon for the platform. */

import type { EngineModel, LoadProgress } from "@hearth/core";
import type { EngineLoadOptions } from "@hearth/core/platform";
import { type Addon, load_addon } from "./addon.js";
import { open_on_gpu } from "./gpu.js";
import { native_gpu } from "./gpu_library.js";
import { open_native } from "./native_engine.js";

interface OpenOptions {
  fallback?: boolean;
  signal?: AbortSignal;
  webgpu?: GPU;
  profile?: boolean;
}

/** With `fallback` false, a missing addon is an error: NOT_FOUND, or INTERNAL where it does not load. */
export async function open_engine(
  source: Addon.ModelSource,
  options: EngineLoadOptions,
  { fallback = true, signal, webgpu, profile }: OpenOptions,
  onProgress: (progress: LoadProgress) => void,
): Promise<EngineModel> {
  try {
    load_addon();
  } catch (error) {
    if (!fallback) throw error;
    const { open_wasm } = await import("./wasm/wasm_engine.js");
    return open_wasm(source, options, onProgress, signal);
  }
  const { device } = options;
  if (device === "gpu" || device === "auto") {
    return open_on_gpu(options, { webgpu, profile }, (chosen, gpu) =>
      open_native(source, chosen, onProgress, signal, gpu),
    );
  }
  if (device === "cuda" || device === "vulkan") await native_gpu([device]);
  const engine = await open_native(source, options, onProgress, signal);
  if (profile) await engine.beginProfile();
  return engine;
}
