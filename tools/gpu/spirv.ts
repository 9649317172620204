// Makes SPIR-V of every GPU kernel and writes it as a C++ source: node tools/gpu/spirv.ts OUTPUT
// Without OUTPUT it only checks the kernels, by spirv-val (Debian: spirv-tools) too where that is there. Runs on Node.js 24.

import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { NagaError, parseWgsl, validate, writeSpirv } from "naga-wasm";
import {
  allKernelNames,
  type KernelFiles,
  kernelText,
  parseKernelFile,
  parseKernelName,
} from "../../packages/gpu/src/kernel_text.ts";
import { kernelFiles } from "./kernel_files.ts";
import { pack, putNumber } from "./pack.ts";
import { slim } from "./slim.ts";

// In SPIR-V 1.3 sums of subgroups are no extension; naga says 1.0, but writes nothing that 1.3 lacks.
const SPIRV_VERSION = 0x00010300;

// With f16 naga asks for 16-bit storage of every kind, which no kernel uses and many drivers lack: StorageBuffer16BitAccess,
// UniformAndStorageBuffer16BitAccess, StorageInputOutput16.
const UNUSED_CAPABILITIES = [4433, 4434, 4436];
const OP_CAPABILITY = 17;

function spirvOf(files: KernelFiles, name: string): Uint32Array {
  // What naga knows without being asked to.
  const text = kernelText(files, name).replace("enable subgroups;", "");
  try {
    const module = parseWgsl(text);
    const words = slim(writeSpirv(module, validate(module), { flags: { debug: false } }));
    words[1] = SPIRV_VERSION;
    return withoutUnusedCapabilities(words);
  } catch (error) {
    if (!(error instanceof NagaError)) throw error;
    throw new Error(`the kernel ${name} is not right:\n${error.formatted}\n${text}`);
  }
}

/** Instructions begin behind five words, capabilities with the first of them: opcode and length, then the number. */
function withoutUnusedCapabilities(words: Uint32Array): Uint32Array {
  const kept = [...words.subarray(0, 5)];
  let next = 5;
  for (; ((words[next] ?? 0) & 0xffff) === OP_CAPABILITY; next += 2) {
    if (!UNUSED_CAPABILITIES.includes(words[next + 1] ?? 0)) kept.push(...words.subarray(next, next + 2));
  }
  return Uint32Array.from([...kept, ...words.subarray(next)]);
}

function operandCount(files: KernelFiles, name: string): number {
  return parseKernelFile(files.get(parseKernelName(name).file) ?? "").operands.length;
}

/** All words one after the other, as the numbers of pack.ts: most are small. */
function bytesOf(kernels: [string, Uint32Array][]): Uint8Array {
  const bytes: number[] = [];
  for (const [, words] of kernels) for (const word of words) putNumber(bytes, word);
  return Uint8Array.from(bytes);
}

function sourceOf(files: KernelFiles, kernels: [string, Uint32Array][]): string {
  const packed = pack(bytesOf(kernels));
  const lines = ["constexpr uint8_t kPacked[] = {"];
  for (let at = 0; at < packed.length; at += 1000) lines.push(`${packed.subarray(at, at + 1000).join(",")},`);
  lines.push("};", "constexpr SpirvPlace kPlaces[] = {");
  let first = 0;
  for (const [name, words] of kernels) {
    lines.push(`    {"${name}", ${operandCount(files, name)}, ${first}, ${words.length}},`);
    first += words.length;
  }
  lines.push("};");
  return `${lines.join("\n")}\n`;
}

/** What spirv-val says against a kernel by the rules of Vulkan 1.1; nothing where it is not there. */
function faultsOf(words: Uint32Array): string {
  const { status, stderr } = spawnSync("spirv-val", ["--target-env", "vulkan1.1", "-"], { input: words });
  return status === 0 || status === null ? "" : stderr.toString();
}

const files = kernelFiles();
const kernels: [string, Uint32Array][] = [];
try {
  for (const name of allKernelNames(files)) kernels.push([name, spirvOf(files, name)]);
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}
const [output] = process.argv.slice(2);
if (output === undefined) {
  for (const [name, words] of kernels) {
    const faults = faultsOf(words);
    if (faults === "") continue;
    console.error(`the kernel ${name} is not right:\n${faults}`);
    process.exitCode = 1;
  }
  const words = kernels.reduce((sum, [, own]) => sum + own.length, 0);
  console.log(`${kernels.length} kernels, ${4 * words} bytes of SPIR-V, packed ${pack(bytesOf(kernels)).length}`);
} else {
  writeFileSync(output, sourceOf(files, kernels));
}
