/** The way to a browser's GPU, and why there is none: apart from the kernels, which only who computes on it needs. */

import { HearthError } from "@hearth/core";

/** The fastest adapter of navigator.gpu, or of what create() of npm webgpu gives. UNSUPPORTED, with the reason. */
export async function requestAdapter(gpu: GPU | undefined): Promise<GPUAdapter> {
  if (!gpu) {
    throw unsupported(
      globalThis.isSecureContext === false
        ? "WebGPU is there for secure pages only: serve this one over HTTPS"
        : "this browser has no WebGPU, or it is switched off: use a current one (Chromium on Linux: --enable-unsafe-webgpu)",
    );
  }
  let why = "its driver is too old, or one that the browser does not trust";
  try {
    const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
    if (adapter) return adapter;
  } catch (error) {
    why = (error as Error).message;
  }
  throw unsupported(`WebGPU finds no GPU here: ${why}`);
}

/** What the driver calls it. */
export function nameOf({ info }: GPUAdapter): string {
  return info.description || [info.vendor, info.architecture].filter((word) => word !== "").join(" ") || "WebGPU";
}

function unsupported(reason: string): HearthError {
  return new HearthError("UNSUPPORTED", reason);
}
