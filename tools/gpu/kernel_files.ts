// The GPU's kernels as they lie in the engine.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { KernelFiles } from "../../packages/gpu/src/kernel_text.ts";

const compute = join(import.meta.dirname, "../../engine/compute");

function filesIn(folder: string): KernelFiles {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".wgsl"));
  return new Map(
    paths.sort().map((path) => [path.slice(0, -".wgsl".length), readFileSync(join(folder, path), "utf8")]),
  );
}

/** Kernels and their parts, by their paths without ".wgsl". */
export const kernelFiles = (): KernelFiles => filesIn(join(compute, "gpu/kernels"));

/** Those for CUDA: where it has a file of its own, that stands for the one of the same path. */
export const cudaKernelFiles = (): KernelFiles =>
  new Map([...kernelFiles(), ...filesIn(join(compute, "cuda/kernels"))]);
