// Takes apart the PTX of several kernels, so that a driver translates only those that are asked for, and packs all:
//
//   node tools/gpu/ptx.ts FOLDER UNITS
//
// reads FOLDER/kernels.json and FOLDER/<i>.ptx, and writes FOLDER/kernels.bin and FOLDER/kernels.cpp, which has
// packed_kernels of engine/compute/cuda/kernels.h. It checks what can be checked without NVIDIA's assembler. Runs on
// Node.js 24.

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { NamedKernels } from "./cuda.ts";
import { pack } from "./pack.ts";

/** Of a kernel's group, without asking the driver for more. */
const MOST_SHARED_BYTES = 48 * 1024;

interface Ptx {
  /** What each module begins with. */
  head: string;
  /** Constant tables, by name: a line. */
  tables: Map<string, string>;
  /** Kernels, by identifier. */
  entries: Map<string, string>;
}

function parsePtx(text: string): Ptx {
  const ptx: Ptx = { head: "", tables: new Map(), entries: new Map() };
  const lines = text
    .split("\n")
    .map((line) => line.trim().replace(/[ \t]+/g, " "))
    .filter((line) => line !== "" && !line.startsWith("//"));
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? "";
    const [, entry] = /^\.visible \.entry (\w+)\($/.exec(line) ?? [];
    const [, table] = /^\.global \.align \d+ \.b8 ([\w$]+)\[\d+\] = .*;$/.exec(line) ?? [];
    if (/^\.(version|target|address_size) /.test(line)) ptx.head += `${line}\n`;
    else if (table !== undefined) ptx.tables.set(table, line);
    else if (entry !== undefined) {
      const end = lines.indexOf("}", i);
      ptx.entries.set(entry, lines.slice(i, end + 1).join("\n"));
      i = end;
    } else throw new Error(`PTX has what a kernel may not need: ${line}`);
  }
  return ptx;
}

/** A module of one kernel. Names in it are short and the same for all kernels, which packs better. */
function moduleOf(ptx: Ptx, identifier: string): string {
  const entry = ptx.entries.get(identifier) ?? "";
  const shared = [...entry.matchAll(/^\.shared .*\[(\d+)\];$/gm)].reduce((sum, [, bytes]) => sum + Number(bytes), 0);
  if (shared > MOST_SHARED_BYTES) throw new Error(`${identifier} takes ${shared} bytes of its group's memory`);
  const tables = [...ptx.tables].filter(([name]) => entry.includes(name)).map(([, line]) => `${line}\n`);
  return `${ptx.head}${tables.join("")}${entry}\n`
    .replaceAll(`${identifier}_param_`, "param_")
    .replace(/\bLBB\d+_/g, "L")
    .replace(/\b_ZZ\d+kernel_\w+?E(?=\d)/g, "shared_");
}

function sourceOf(folder: string, kernels: NamedKernels, modules: readonly string[], bytes: Uint8Array): string {
  let first = 0;
  const places = kernels.map(({ name, identifier }, i) => {
    const text = modules[i] ?? "";
    const [, threads = ""] = /^\.maxntid (\d+), 1, 1$/m.exec(text) ?? [];
    const line = `    {"${name}", "${identifier}", ${threads}, ${first}},`;
    first += text.length + 1;
    return line;
  });
  const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 8);
  return [
    '#include "engine/compute/cuda/kernels.h"',
    'extern "C" const unsigned char hearth_cuda_kernels[];',
    `asm(".pushsection .rodata\\nhearth_cuda_kernels:\\n.incbin \\"${resolve(folder, "kernels.bin")}\\"\\n.popsection\\n");`,
    "namespace hearth::cuda {",
    "constexpr KernelPlace kPlaces[] = {",
    ...places,
    "};",
    `PackedKernels packed_kernels() { return {{hearth_cuda_kernels, ${bytes.length}}, kPlaces, "${hash}"}; }`,
    "}  // namespace hearth::cuda\n",
  ].join("\n");
}

const [folder = "", units = ""] = process.argv.slice(2);
try {
  const kernels: NamedKernels = JSON.parse(readFileSync(join(folder, "kernels.json"), "utf8"));
  const parts = Array.from({ length: Number(units) }, (_, i) =>
    parsePtx(readFileSync(join(folder, `${i}.ptx`), "utf8")),
  );
  const modules = kernels.map(({ name, identifier }) => {
    const part = parts.find(({ entries }) => entries.has(identifier));
    if (part === undefined) throw new Error(`there is no PTX of the kernel ${name}`);
    return moduleOf(part, identifier);
  });
  const bytes = pack(Buffer.from(modules.map((text) => `${text}\0`).join("")));
  writeFileSync(join(folder, "kernels.bin"), bytes);
  writeFileSync(join(folder, "kernels.cpp"), sourceOf(folder, kernels, modules, bytes));
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}
