/** The files of engine/compute/gpu/kernels by their paths without ".wgsl": made by write_kernels.mjs. */

import type { KernelFiles } from "./kernel_text.js";

export const kernels: KernelFiles;
