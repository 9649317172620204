// Makes C++ of a GPU kernel's WGSL, for CUDA and for a host that plays it: naga translates it to Metal's language, which
// is C++ but for a few words. Those are replaced here; what is left is written in engine/compute/cuda/language.

import { parseWgsl, validate, writeMsl } from "naga-wasm";

/** One kernel as C++. */
export interface CudaKernel {
  name: string;
  /** Its name, as C++ and PTX can write it. */
  identifier: string;
  /** Threads of a group. */
  threads: number;
  /** Whether threads of a group wait for each other. */
  waits: boolean;
  /** All but the function that a runner calls. */
  text: string;
  /** What that passes to main_: an expression for each of its parameters. */
  parameters: string[];
  /** What the threads of a group share: type and name. */
  shared: { type: string; name: string }[];
  /** Of group 1. */
  bindings: number;
}

// What the entry point's parameters are called, by Metal's attribute.
const BUILTINS: Record<string, string> = {
  threadgroup_position_in_grid: "hearth::group()",
  threadgroups_per_grid: "hearth::groups()",
  thread_index_in_threadgroup: "hearth::thread()",
  thread_position_in_threadgroup: "metal::make_uint3(hearth::thread(), 0u, 0u)",
  threads_per_simdgroup: "hearth::kWarpThreads",
  thread_index_in_simdgroup: "(hearth::thread() % hearth::kWarpThreads)",
  simdgroup_index_in_threadgroup: "(hearth::thread() / hearth::kWarpThreads)",
};

const ENTRY = /^\[\[max_total_threads_per_threadgroup\((\d+)\)\]\] kernel void main_\(\n([\s\S]*?)\) \{\n/m;

export function cudaKernel(name: string, wgsl: string): CudaKernel {
  // What naga knows without being asked to.
  const module = parseWgsl(wgsl.replace("enable subgroups;", ""));
  const metal = writeMsl(module, validate(module), { langVersion: [2, 4] });
  const entry = ENTRY.exec(metal);
  if (entry === null) throw new Error(`${name}: its workgroup must have one dimension`);
  if (/_buffer_sizes\.size/.test(metal)) throw new Error(`${name}: kernels may not ask for arrayLength`);
  const shared: CudaKernel["shared"] = [];
  const parameters = (entry[2] ?? "").split("\n, ").map((parameter) => argumentOf(name, parameter.trim(), shared));
  const text = metal
    .replace(ENTRY, (_, _threads, list: string) => `void main_(\n${list.replace(/ \[\[.*\]\]/g, "")}) {\n`)
    .replace(
      /^(void main_\([^{]*\{\n) {4}if \(.*\) \{\n(?: {8}.* = \{\};\n| {8}.*atomic_store.*\n)+ {4}\}\n.*barrier.*\n/m,
      "$1",
    );
  return {
    name,
    identifier: `kernel_${name.replace(/\W/g, "_")}`,
    threads: Number(entry[1]),
    waits: /barrier|simd_/.test(text),
    text: withLoops(withWords(text)),
    parameters,
    shared,
    bindings: new Set([...wgsl.matchAll(/@group\(1\) @binding\((\d+)\)/g)].map(([, binding]) => binding)).size,
  };
}

/** The expression for one of the entry point's parameters; what threads share is put down in `shared`. */
function argumentOf(kernel: string, parameter: string, shared: CudaKernel["shared"]): string {
  const attribute = /\[\[(\w+)/.exec(parameter)?.[1] ?? "";
  const words = parameter.replace(/ \[\[.*\]\]/, "").split(" ");
  const name = words.at(-1) ?? "";
  if (words[0] === "threadgroup") {
    shared.push({ type: (words[1] ?? "").replace("&", ""), name });
    return name;
  }
  if (name === "_buffer_sizes") return "_mslBufferSizes{}";
  if (attribute === "user") return name;
  const builtin = BUILTINS[attribute];
  if (builtin === undefined) throw new Error(`${kernel}: what is ${parameter}?`);
  return builtin;
}

const PACKED_DOT =
  /\( \+ (\w+)\[0\] \* (\w+)\[0\] \+ \1\[1\] \* \2\[1\] \+ \1\[2\] \* \2\[2\] \+ \1\[3\] \* \2\[3\]\)/g;

/** The function of engine/compute/cuda/kernels whose body no WGSL can say. */
const MATRIX_UNITS = /^(.* products_of_warp\(\n *\S+ (\w+),\n *\S+ (\w+)\n\) \{\n).*\n\}/m;

/** Types that a kernel has names of its own for, by those. */
function withoutAliases(metal: string): string {
  const aliases = new Map([...metal.matchAll(/^typedef (metal::\w+) (\w+);$/gm)].map(([, type, name]) => [name, type]));
  return metal.replace(/(?<!typedef .*)\b\w+\b/g, (word) => aliases.get(word) ?? word);
}

/** Metal's words as C++ has them. */
function withWords(metal: string): string {
  return (
    withoutAliases(metal)
      .replace(/^(\/\/|#include|using ).*\n/gm, "")
      .replace(/^typedef uint (\w+)\[1\];/gm, "typedef uint* $1;")
      // Vectors in braces, as functions make none before the program runs.
      .replace(/^constant .*/gm, (line) =>
        line.replace(/\((?=[^()]*,)([^()]*)\)/g, "{$1}").replace("constant", "static constexpr"),
      )
      .replace(/\bdevice (\w+)(?: const)?& /g, "$1 ") // by value, as it is a pointer here
      .replace(/\bconstant (\w+)& /g, "const $1 ")
      .replace(/\b(threadgroup|thread) (?=[\w:]+( const)?& )/g, "")
      .replace(/^(?!struct|typedef|static)([\w:]+ \w+\()/gm, "HEARTH_FUNCTION_OF_KERNEL $1")
      .replace(PACKED_DOT, "metal::dot_packed($1, $2)")
      .replace(MATRIX_UNITS, "$1    return hearth::products_of_warp($2, $3);\n}")
      .replace(
        /\b(?:metal::)?((?:float|int|uint|bool|half|packed_char|packed_uchar)[234]|float4x4)\(/g,
        "metal::make_$1(",
      )
      .replace(/\bstatic_cast</g, "metal::convert<")
      .replace(/(?<![\w.])(\d+\.\d+(?:e[+-]?\d+)?|\d+e[+-]?\d+)(?![\w.])/g, "$1F")
  );
}

/**
 * naga's loops as those of C++, which compilers know better. In its text a loop counts its rounds, so that it ends
 * whatever it does, and what is done between two of them stands in an `if` at its beginning.
 */
function withLoops(text: string): string {
  const lines = text
    .replace(/^ *(uint2 loop_bound\w* = |loop_bound\w* -= |if \(metal::all\(loop_bound).*\n/gm, "")
    .split("\n");
  const out: string[] = [];
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i] ?? "";
    const indent = /^ */.exec(line)?.[0] ?? "";
    if (!/^ *bool loop_init\w* = true;$/.test(line) || lines[i + 1] !== `${indent}while(true) {`) {
      out.push(line);
      continue;
    }
    const end = lines.indexOf(`${indent}    }`, i + 3);
    const between = lines.slice(i + 3, end).map((each) => each.trim());
    out.push(`${indent}for (;; [&]() HEARTH_INLINE { ${between.join(" ")} }()) {`);
    i = end + 1; // the line that says that the first round is over
  }
  return out.join("\n");
}

/**
 * Threads that a multiprocessor has at once at least, so that some compute while others wait for memory: each has 128 of
 * its 65,536 registers at most.
 */
const THREADS_AT_ONCE = 512;

/** The function that a GPU runs: the parameters by value, the step's data, then what group 1 binds. */
export function deviceEntry(kernel: CudaKernel): string {
  const memories = Array.from({ length: kernel.bindings }, (_, i) => `, uint* memory_${i}_`).join("");
  return [
    `extern "C" __attribute__((global, launch_bounds(${kernel.threads}, ${THREADS_AT_ONCE / kernel.threads})))`,
    `void ${kernel.identifier}(text_of_${kernel.identifier}::Parameters parameters, uint* step_data${memories}) {`,
    `  using namespace text_of_${kernel.identifier};`,
    ...kernel.shared.map(({ type, name }) => `  __attribute__((shared)) ${type} ${name};`),
    `  main_(${kernel.parameters.join(", ")});`,
    "}",
  ].join("\n");
}

/** The function that a host runs: one group, with arguments as cuLaunchKernel has them. */
export function hostEntry(kernel: CudaKernel): string {
  return [
    `static void ${kernel.identifier}(void** arguments) {`,
    `  using namespace text_of_${kernel.identifier};`,
    "  const Parameters& parameters = *static_cast<const Parameters*>(arguments[0]);",
    "  [[maybe_unused]] uint* step_data = *static_cast<uint**>(arguments[1]);",
    ...Array.from(
      { length: kernel.bindings },
      (_, i) => `  [[maybe_unused]] uint* memory_${i}_ = *static_cast<uint**>(arguments[${i + 2}]);`,
    ),
    ...kernel.shared.map(({ type, name }) => `  auto& ${name} = hearth::shared_by_group<${type}>();`),
    `  hearth::${kernel.waits ? "run_together" : "run_in_turn"}(${kernel.threads}u, [&] {`,
    `    main_(${kernel.parameters.join(", ")});`,
    "  });",
    "}",
  ].join("\n");
}

export function wholeText(kernel: CudaKernel, entry: string): string {
  return `namespace text_of_${kernel.identifier} {\n${kernel.text}\n}\n${entry}\n`;
}
