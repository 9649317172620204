/** Asks for a GPU, with all that it has. */

import { HearthError } from "@hearth/core";
import { nameOf, requestAdapter } from "./adapter.js";
import { kernels } from "./kernels.js";
import type { GpuProperties } from "./runner.js";
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
}

/**
 * A runner on the fastest adapter of `gpu`: navigator.gpu, or what create() of npm webgpu gives. UNSUPPORTED, with the
 * reason, where there is none.
 */
export async function openGpu(gpu: GPU | undefined, options: OpenOptions = {}): Promise<WebGpuRunner> {
  const adapter = await requestAdapter(gpu);
  const without = options.without ?? [];
  const has = features.filter((feature) => adapter.features.has(feature) && !without.includes(feature));
  const requiredLimits = Object.fromEntries(limits.map((limit) => [limit, adapter.limits[limit]]));
  let device: GPUDevice;
  try {
    device = await adapter.requestDevice({ requiredFeatures: has, requiredLimits });
  } catch (error) {
    throw new HearthError("UNSUPPORTED", `the GPU's driver gives no device: ${(error as Error).message}`, {
      cause: error,
    });
  }
  const packedDot =
    !without.includes("packed-dot") && (gpu?.wgslLanguageFeatures?.has("packed_4x8_integer_dot_product") ?? false);
  return new WebGpuRunner(device, properties_of(adapter, device, packedDot), kernels);
}

function properties_of(adapter: GPUAdapter, device: GPUDevice, packedDot: boolean): GpuProperties {
  const { vendor, architecture, description, device: model, subgroupMinSize, subgroupMaxSize } = adapter.info;
  const { limits: has } = device;
  return {
    name: nameOf(adapter),
    // Firefox says nothing of it; without a name what it computes would not be checked.
    driver: [vendor, architecture, model, description].filter((word) => word !== "").join(", ") || "WebGPU",
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
