/** The GPU by npm webgpu (Dawn), which users install beside this package. */

import { type EngineModel, HearthError } from "@hearth/core";
import type { EngineLoadOptions } from "@hearth/core/platform";
import type { GpuRunner } from "@hearth/gpu";

export interface GpuDescription {
  description: string;
  features: string[];
  limits: Record<string, number>;
}

/** UNSUPPORTED, with what to do, where the package is not installed or does not load. */
async function create_webgpu(): Promise<GPU> {
  const name = "webgpu"; // a dependency that need not be there, nor its types
  try {
    const { create } = (await import(name)) as { create: (flags: string[]) => GPU };
    return create([]);
  } catch (error) {
    throw new HearthError(
      "UNSUPPORTED",
      `GPUs are reached by the npm package webgpu: npm install webgpu, or use the device 'cpu' (${(error as Error).message})`,
      { cause: error },
    );
  }
}

async function open_gpu(webgpu: GPU | undefined): Promise<GpuRunner> {
  const { openGpu } = await import("@hearth/gpu");
  return openGpu(webgpu ?? (await create_webgpu()));
}

/**
 * Opens an engine that computes on a GPU. With the device "auto" it is the processor's where there is none, and its
 * `deviceReason` says why.
 */
export async function open_on_gpu(
  options: EngineLoadOptions,
  webgpu: GPU | undefined,
  open: (options: EngineLoadOptions, gpu?: GpuRunner) => Promise<EngineModel>,
): Promise<EngineModel> {
  let gpu: GpuRunner;
  try {
    gpu = await open_gpu(webgpu);
  } catch (error) {
    if (options.device !== "auto") throw error;
    const engine = await open({ ...options, device: "cpu" });
    engine.info.deviceReason = HearthError.from(error).message;
    return engine;
  }
  try {
    const engine = await open(options, gpu);
    const dispose = engine.dispose.bind(engine);
    return {
      ...engine,
      dispose: async () => {
        await dispose();
        gpu.close();
      },
    };
  } catch (error) {
    gpu.close();
    throw error;
  }
}

/** What there is; UNSUPPORTED, with the reason, where there is nothing. */
export async function describe_gpu(): Promise<GpuDescription> {
  const { nameOf, requestAdapter } = await import("@hearth/gpu/adapter");
  const adapter = await requestAdapter(await create_webgpu());
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  return {
    description: nameOf(adapter),
    features: [...adapter.features].sort(),
    limits: { maxBufferSize, maxStorageBufferBindingSize },
  };
}
