/** This machine's GPU by CUDA and Vulkan: the library of @hearth/node-gpu, which users install beside this package. */

import { HearthError } from "@hearth/core";
import { load_addon } from "./addon.js";
import { to_hearth_error } from "./native_engine.js";

export type NativeWay = "cuda" | "vulkan";

export interface NativeGpu {
  /** As its driver calls it. */
  name: string;
  by: NativeWay;
}

/** Of what was opened before, which a driver takes a while for. */
const names = new Map<NativeWay, string>();

/** What HEARTH_GPU_LIBRARY names, or what the package has for this platform. */
async function library(): Promise<string> {
  if (process.env.HEARTH_GPU_LIBRARY !== undefined) return process.env.HEARTH_GPU_LIBRARY;
  const name = "@hearth/node-gpu"; // a dependency that need not be there, nor its types
  let found: { library: string | undefined };
  try {
    found = (await import(name)) as typeof found;
  } catch (error) {
    throw new HearthError("UNSUPPORTED", `CUDA and Vulkan come with the package ${name}: npm install ${name}`, {
      cause: error,
    });
  }
  if (found.library !== undefined) return found.library;
  throw new HearthError("UNSUPPORTED", `${name} has no library for ${process.platform}-${process.arch}`);
}

/**
 * Opens the GPU by the first of the ways that there is. From then on the addon's engine takes it by itself, for the
 * devices gpu, auto, cuda and vulkan. UNSUPPORTED, with the reason of the last way, where there is none.
 */
export async function native_gpu(ways: readonly NativeWay[] = ["cuda", "vulkan"]): Promise<NativeGpu> {
  const path = await library();
  let failure: unknown;
  for (const by of ways) {
    try {
      const name = names.get(by) ?? (await load_addon().openGpuLibrary(path, by));
      names.set(by, name);
      return { name, by };
    } catch (error) {
      failure = error;
    }
  }
  throw to_hearth_error(failure);
}
