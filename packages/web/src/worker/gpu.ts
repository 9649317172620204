/** The GPU for a model, where it is wanted and there is one. */

import type { GpuRunner, OpenOptions } from "@hearth/gpu";
import { requestAdapter } from "@hearth/gpu/adapter";

export interface ChosenDevice {
  /** What the engine is told. */
  device: string | undefined;
  gpu?: GpuRunner;
  /** Why it is not the GPU, where "auto" might have taken it. */
  reason?: string;
}

/**
 * "gpu" rejects with UNSUPPORTED where there is none. "auto" takes one that does not compute on the processor: measuring,
 * as the engine does elsewhere, would have to wait for the GPU.
 */
export async function choose_device(device: string | undefined, options: OpenOptions): Promise<ChosenDevice> {
  if (device === "gpu") return { device, gpu: await open_gpu(options) };
  if (device !== "auto") return { device };
  try {
    const { info } = await requestAdapter(navigator.gpu);
    if (info.isFallbackAdapter) return { device: "cpu", reason: "the GPU's driver computes on the processor" };
    return { device: "gpu", gpu: await open_gpu(options) };
  } catch (error) {
    return { device: "cpu", reason: (error as Error).message };
  }
}

/** The code for it comes only where it is used. */
async function open_gpu(options: OpenOptions): Promise<GpuRunner> {
  const { openGpu } = await import("@hearth/gpu");
  return openGpu(navigator.gpu, options);
}
