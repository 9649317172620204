/** Asks for a GPU, with all that it has. */

import { HearthError } from "@hearth/core";
import { nameOf, requestAdapter } from "./adapter.js";
import type { KernelFiles } from "./kernel_text.js";
import { kernels } from "./kernels.js";
import { LastingRunner } from "./lasting_runner.js";
import type { GpuProperties, GpuRunner } from "./runner.js";
import { WebGpuRunner } from "./webgpu_runner.js";

/** Of WebGPU, those that kernels use where they are there. */
const features = ["shader-f16", "subgroups"] as const;

const limits = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupsPerDimension",
] as const;

export interface OpenOptions {
  /** Features of WebGPU that are not asked for, for tests of what does without. */
  without?: ("shader-f16" | "subgroups" | "packed-dot")[];
  /** Opens a device that can take each kernel's time. UNSUPPORTED where the driver gives none. */
  profile?: boolean;
}

/**
 * A runner on the fastest adapter of `gpu`: navigator.gpu, or what create() of npm webgpu gives; once that is lost, on
 * what is there then and has no less. UNSUPPORTED, with the reason, where there is none.
 */
export async function openGpu(gpu: GPU | undefined, options: OpenOptions = {}): Promise<GpuRunner> {
  const adapter = await requestAdapter(gpu);
  const { without = [], profile = false } = options;
  if (profile && !adapter.features.has("timestamp-query")) {
    throw new HearthError("UNSUPPORTED", `the driver of ${nameOf(adapter)} gives no times: load without a profile`);
  }
  const has = features.filter((feature) => adapter.features.has(feature) && !without.includes(feature));
  const descriptor: GPUDeviceDescriptor = {
    requiredFeatures: profile ? [...has, "timestamp-query"] : has,
    requiredLimits: Object.fromEntries(limits.map((limit) => [limit, adapter.limits[limit]])),
  };
  const packedDot =
    !without.includes("packed-dot") && (gpu?.wgslLanguageFeatures?.has("packed_4x8_integer_dot_product") ?? false);
  const device = await request_device(adapter, descriptor);
  const properties = properties_of(adapter, device, packedDot);
  return new LastingRunner(new WebGpuRunner(device, properties, kernels), async (firstBlock) => {
    const next = await request_device(await requestAdapter(gpu), descriptor);
    return new WebGpuRunner(next, properties, kernels, firstBlock);
  });
}

async function request_device(adapter: GPUAdapter, descriptor: GPUDeviceDescriptor): Promise<GPUDevice> {
  try {
    return await adapter.requestDevice(descriptor);
  } catch (error) {
    throw new HearthError("UNSUPPORTED", `the GPU's driver gives no device: ${(error as Error).message}`, {
      cause: error,
    });
  }
}

function properties_of(adapter: GPUAdapter, device: GPUDevice, packedDot: boolean): GpuProperties {
  const { vendor, architecture, description, device: model, subgroupMinSize, subgroupMaxSize } = adapter.info;
  const { limits: has } = device;
  return {
    name: nameOf(adapter),
    // Firefox says nothing of it; without a name what it computes would not be checked. What was right holds for these
    // kernels only.
    driver: [vendor, architecture, model, description, `kernels ${hash_of(kernels)}`]
      .filter((word) => word !== "")
      .join(", "),
    blockBytes: has.maxBufferSize,
    bindingBytes: has.maxStorageBufferBindingSize,
    bindingAlignment: has.minStorageBufferOffsetAlignment,
    storageBindings: has.maxStorageBuffersPerShaderStage,
    groups: has.maxComputeWorkgroupsPerDimension,
    groupThreads: has.maxComputeInvocationsPerWorkgroup,
    groupMemoryBytes: has.maxComputeWorkgroupStorageSize,
    subgroupThreads: subgroupMinSize === subgroupMaxSize ? (subgroupMinSize ?? 0) : 0,
    half: device.features.has("shader-f16"),
    subgroups: device.features.has("subgroups"),
    packedDot,
    software: adapter.info.isFallbackAdapter,
  };
}

/** In 32 bits, of all texts (FNV-1a). */
function hash_of(files: KernelFiles): string {
  let hash = 0x811c9dc5;
  for (const [name, text] of files) {
    for (let i = 0; i < name.length; ++i) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
    for (let i = 0; i < text.length; ++i) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  return (hash >>> 0).toString(16);
}
