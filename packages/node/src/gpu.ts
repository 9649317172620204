/** The GPU: by the library of @hearth/node-gpu, or else by npm webgpu (Dawn). Users install either beside this package. */

import { type EngineModel, HearthError } from "@hearth/core";
import type { EngineLoadOptions } from "@hearth/core/platform";
import type { GpuRunner, OpenOptions } from "@hearth/gpu";
import { type NativeGpu, native_gpu } from "./gpu_library.js";

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
      `WebGPU comes with the package webgpu: npm install webgpu (${(error as Error).message})`,
      { cause: error },
    );
  }
}

/** What `by_library` gives, or else `by_webgpu`; UNSUPPORTED, with the reasons of both. */
async function first_of<T>(by_library: () => Promise<T>, by_webgpu: () => Promise<T>): Promise<T> {
  let why: string;
  try {
    return await by_library();
  } catch (error) {
    why = HearthError.from(error).message;
  }
  try {
    return await by_webgpu();
  } catch (error) {
    const message = `no GPU can be used: ${why}; ${HearthError.from(error).message}; or use the device 'cpu'`;
    throw new HearthError("UNSUPPORTED", message, { cause: error });
  }
}

async function open_webgpu(webgpu: GPU, options: OpenOptions): Promise<GpuRunner> {
  const { openGpu } = await import("@hearth/gpu");
  return openGpu(webgpu, options);
}

/** A runner by WebGPU; undefined: the addon's engine has the GPU itself. */
async function open_gpu(webgpu: GPU | undefined, options: OpenOptions): Promise<GpuRunner | undefined> {
  if (webgpu) return open_webgpu(webgpu, options);
  return first_of<GpuRunner | undefined>(
    async () => void (await native_gpu()),
    async () => open_webgpu(await create_webgpu(), options),
  );
}

/**
 * Opens an engine that computes on a GPU. With the device "auto" it is the processor's where there is none, and its
 * `deviceReason` says why.
 */
export async function open_on_gpu(
  options: EngineLoadOptions,
  { webgpu, profile }: { webgpu?: GPU; profile?: boolean },
  open: (options: EngineLoadOptions, gpu?: GpuRunner) => Promise<EngineModel>,
): Promise<EngineModel> {
  let gpu: GpuRunner | undefined;
  try {
    gpu = await open_gpu(webgpu, { profile });
  } catch (error) {
    if (options.device !== "auto") throw error;
    const engine = await open({ ...options, device: "cpu" });
    engine.info.deviceReason = HearthError.from(error).message;
    return engine;
  }
  try {
    const engine = await open(options, gpu);
    if (profile) await engine.beginProfile();
    const dispose = engine.dispose.bind(engine);
    return {
      ...engine,
      dispose: async () => {
        await dispose();
        gpu?.close();
      },
    };
  } catch (error) {
    gpu?.close();
    throw error;
  }
}

export interface FoundGpu {
  /** As its driver calls it. */
  name: string;
  by: NativeGpu["by"] | "webgpu";
  /** What npm webgpu tells of it. */
  webgpu?: GpuDescription;
}

/** What there is; UNSUPPORTED, with the reasons, where there is nothing. */
export async function describe_gpu(): Promise<FoundGpu> {
  return first_of<FoundGpu>(native_gpu, describe_webgpu);
}

async function describe_webgpu(): Promise<FoundGpu> {
  const { nameOf, requestAdapter } = await import("@hearth/gpu/adapter");
  const adapter = await requestAdapter(await create_webgpu());
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  const description = nameOf(adapter);
  const webgpu = {
    description,
    features: [...adapter.features].sort(),
    limits: { maxBufferSize, maxStorageBufferBindingSize },
  };
  return { name: description, by: "webgpu", webgpu };
}
