// The GPU's kernels as they lie in the engine.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { KernelFiles } from "../../packages/gpu/src/kernel_text.ts";

const folder = join(import.meta.dirname, "../../engine/compute/gpu/kernels");

/** Kernels and their parts, by their paths without ".wgsl". */
export function kernelFiles(): KernelFiles {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".wgsl"));
  return new Map(
    paths.sort().map((path) => [path.slice(0, -".wgsl".length), readFileSync(join(folder, path), "utf8")]),
  );
}
