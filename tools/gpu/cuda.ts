// Makes PTX of a GPU kernel's WGSL, with all its options, and C++ that a host can play it with:
//
//   node tools/gpu/cuda.ts KERNEL CLANG PTX.inc [HOST.cpp]
//
// PTX.inc are elements of an array: name, identifier, threads of a group, PTX. HOST.cpp is for clang too. Runs on
// Node.js 24.

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { allKernelNames, kernelText } from "../../packages/gpu/src/kernel_text.ts";
import { type CudaKernel, cudaKernel, deviceEntry, hostEntry, wholeText } from "./cuda_text.ts";
import { kernelFiles } from "./kernel_files.ts";

const root = join(import.meta.dirname, "../..");

// sm_80 is the first with asynchronous copies and all of the matrix units that kernels use.
const DEVICE_OPTIONS = [
  ..."-x cuda --cuda-device-only --cuda-gpu-arch=sm_80 -nocudainc -nocudalib -Wno-unknown-cuda-version".split(" "),
  ..."-Xclang -target-feature -Xclang +ptx70 -std=c++20 -O3 -S -o - -".split(" "),
];

function ptxOf(clang: string, kernel: CudaKernel): string {
  const text = `#include "engine/compute/cuda/language/device.h"\n${wholeText(kernel, deviceEntry(kernel))}`;
  const { status, stdout, stderr } = spawnSync(clang, ["-I", root, ...DEVICE_OPTIONS], {
    input: text,
    encoding: "utf8",
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(`${kernel.identifier} does not compile:\n${stderr}\n${text}`);
  return stdout
    .replace(/^\s*\/\/.*\n/gm, "")
    .replace(/[ \t]+/g, " ")
    .replace(/^ /gm, "")
    .replace(/\n+/g, "\n");
}

function hostText(file: string, kernels: [string, CudaKernel][]): string {
  return [
    '#include "engine/compute/cuda/language/host.h"',
    ...kernels.map(([, kernel]) => wholeText(kernel, hostEntry(kernel))),
    `extern const hearth::HostKernel host_kernels_${file}[] = {`,
    ...kernels.map(
      ([, { identifier, bindings }]) =>
        `    {"${identifier}", ${identifier}, sizeof(text_of_${identifier}::Parameters), ${1 + bindings}},`,
    ),
    "    {}};\n",
  ].join("\n");
}

const [file = "", clang = "", ptx = "", host] = process.argv.slice(2);
try {
  const files = kernelFiles();
  const names = allKernelNames(files).filter((name) => name.split("/")[0] === file);
  const kernels: [string, CudaKernel][] = names.map((name) => [name, cudaKernel(name, kernelText(files, name))]);
  const elements = kernels.map(
    ([name, kernel]) => `{"${name}", "${kernel.identifier}", ${kernel.threads}, R"ptx(${ptxOf(clang, kernel)})ptx"},\n`,
  );
  writeFileSync(ptx, elements.join(""));
  if (host !== undefined) writeFileSync(host, hostText(file, kernels));
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}
