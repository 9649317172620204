// Makes C++ of the GPU's kernels, in a few files that compilers take side by side:
//
//   node tools/gpu/cuda.ts FOLDER UNITS
//
// For each unit there is FOLDER/<i>.cu, of which clang makes PTX (tools/gpu/ptx.ts goes on with that), and
// FOLDER/<i>.cpp, of which it makes what a host plays them with. FOLDER/kernels.json has their names. Runs on Node.js 24.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { allKernelNames, type KernelFiles, kernelText } from "../../packages/gpu/src/kernel_text.ts";
import { type CudaKernel, cudaKernel, deviceEntry, hostEntry, wholeText } from "./cuda_text.ts";
import { cudaKernelFiles } from "./kernel_files.ts";

/** A kernel's name, and what PTX calls it. */
export type NamedKernels = { name: string; identifier: string }[];

// What every device of compute capability 8.0 has, so that kernels which do without are never asked for.
const ALWAYS_THERE = ["packed_dot", "subgroups"];

function namesFor(files: KernelFiles): string[] {
  const all = new Set(allKernelNames(files));
  const isBetter = (name: string): boolean =>
    ALWAYS_THERE.some((option) => {
      const better = name.replace(`${option}=no`, `${option}=yes`);
      return better !== name && all.has(better);
    });
  return [...all].filter((name) => !isBetter(name));
}

function deviceText(kernels: readonly CudaKernel[]): string {
  return [
    '#include "engine/compute/cuda/language/device.h"',
    ...kernels.map((kernel) => wholeText(kernel, deviceEntry(kernel))),
  ].join("\n");
}

function hostText(unit: number, kernels: readonly CudaKernel[]): string {
  return [
    '#include "engine/compute/cuda/language/host.h"',
    ...kernels.map((kernel) => wholeText(kernel, hostEntry(kernel))),
    `extern const hearth::HostKernel host_kernels_${unit}[] = {`,
    ...kernels.map(
      ({ identifier, bindings }) =>
        `    {"${identifier}", ${identifier}, sizeof(text_of_${identifier}::Parameters), ${1 + bindings}},`,
    ),
    "    {}};\n",
  ].join("\n");
}

const [folder = "", units = ""] = process.argv.slice(2);
try {
  const files = cudaKernelFiles();
  const kernels = namesFor(files).map((name) => cudaKernel(name, kernelText(files, name)));
  for (let unit = 0; unit < Number(units); unit++) {
    // Those of one kernel with other options are alike, and so each unit has some.
    const own = kernels.filter((_, i) => i % Number(units) === unit);
    writeFileSync(join(folder, `${unit}.cu`), deviceText(own));
    writeFileSync(join(folder, `${unit}.cpp`), hostText(unit, own));
  }
  const named: NamedKernels = kernels.map(({ name, identifier }) => ({ name, identifier }));
  writeFileSync(join(folder, "kernels.json"), JSON.stringify(named));
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}
