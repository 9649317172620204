// Makes a kernel's WGSL out of its file: what engine/compute/gpu/kernels/README.md calls a template. Used when the
// engine is built (SPIR-V, tools/gpu) and where WebGPU runs it.

/** A kernel as its file has it, or a part that kernels use. */
export interface KernelFile {
  /** Its options, in order, with the values that they may have. */
  options: Map<string, string[]>;
  /** It is not made for `value` of `option` with these of another one. */
  without: { option: string; value: string; other: string; others: string[] }[];
  /** Names of its parameters, with their types. */
  parameters: { name: string; type: string }[];
  operands: { name: string; kind: "f32" | "u32" | "bytes"; written: boolean }[];
  /** WGSL, with `//! use` lines where parts go. */
  text: string;
}

export type KernelFiles = ReadonlyMap<string, string>;

/** "norm/kind=rms,subgroups=no": a kernel and its options. */
export interface KernelName {
  file: string;
  options: Map<string, string>;
}

const DIRECTIVE = /^\/\/! *(option|without|parameters|reads|writes) +(.*)$/;

export function parseKernelName(name: string): KernelName {
  const [file = "", rest = ""] = name.split("/");
  const options = new Map<string, string>();
  for (const option of rest === "" ? [] : rest.split(",")) {
    const [key = "", value = ""] = option.split("=");
    options.set(key, value);
  }
  return { file, options };
}

export function parseKernelFile(source: string): KernelFile {
  const file: KernelFile = { options: new Map(), without: [], parameters: [], operands: [], text: "" };
  const text: string[] = [];
  for (const line of source.split("\n")) {
    const [, directive, rest = ""] = DIRECTIVE.exec(line) ?? [];
    if (directive === undefined) text.push(line);
    else if (directive === "option") {
      const [name = "", values = ""] = rest.split(":");
      const before = file.options.get(name.trim()) ?? [];
      file.options.set(name.trim(), [...before, ...values.trim().split(/\s+/)]);
    } else if (directive === "without") {
      const [, option = "", value = "", other = "", others = ""] = /^(\w+)=(\w+) +(\w+): *(.*)$/.exec(rest) ?? [];
      file.without.push({ option, value, other, others: others.trim().split(/\s+/) });
    } else if (directive === "parameters") {
      for (const parameter of rest.split(",")) {
        const [name = "", type = ""] = parameter.split(":");
        file.parameters.push({ name: name.trim(), type: type.trim() });
      }
    } else {
      const [name = "", kind = ""] = rest.split(":").map((part) => part.trim());
      file.operands.push({ name, kind: kind as "f32" | "u32" | "bytes", written: directive === "writes" });
    }
  }
  file.text = text.join("\n");
  return file;
}

/** Whether a kernel is made for these options. */
function hasKernel(kernel: KernelFile, options: ReadonlyMap<string, string>): boolean {
  const isLeftOut = ({ option, value, other, others }: KernelFile["without"][number]): boolean =>
    options.get(option) === value && others.includes(options.get(other) ?? "");
  return (
    [...kernel.options].every(([option, values]) => values.includes(options.get(option) ?? "")) &&
    !kernel.without.some(isLeftOut)
  );
}

/** Every kernel that options make of the files, by its name. */
export function allKernelNames(files: KernelFiles): string[] {
  const names: string[] = [];
  for (const [file, source] of files) {
    if (file.includes("/")) continue;
    const kernel = parseKernelFile(source);
    let combinations: string[] = [""];
    for (const [option, values] of kernel.options) {
      combinations = combinations.flatMap((begin) =>
        values.map((value) => `${begin}${begin === "" ? "/" : ","}${option}=${value}`),
      );
    }
    const all = combinations.map((combination) => file + combination);
    names.push(...all.filter((name) => hasKernel(kernel, parseKernelName(name).options)));
  }
  return names;
}

/**
 * The WGSL of a kernel. `memories` says which of them each operand lies in, counted from 0 in the order in which
 * operands first name them: WebGPU lets no two bindings overlap where one is written, so operands in one block share
 * one. Without it each has its own. Where it is given, parameters are in the group of the memories: one call binds a
 * command then, and WebGPU's calls are what a command costs.
 */
export function kernelText(files: KernelFiles, name: string, memories?: readonly number[]): string {
  const { file: fileName, options } = parseKernelName(name);
  const source = files.get(fileName);
  if (source === undefined) throw new Error(`there is no kernel '${name}'`);
  const kernel = parseKernelFile(source);
  if (!hasKernel(kernel, options)) throw new Error(`there is no kernel '${name}'`);
  const extensions: string[] = [];
  if (options.get("half") === "yes") extensions.push("enable f16;");
  if (options.get("subgroups") === "yes") extensions.push("enable subgroups;");
  return [
    ...extensions,
    ...constantsOf(kernel, options),
    ...(memories ? interfaceOf(kernel, memories, 1) : interfaceOf(kernel, [...kernel.operands.keys()], 0)),
    withParts(files, kernel.text, options, new Set()),
  ].join("\n");
}

/** KIND for a number, SUBGROUPS for yes and no, else KIND_RMS and KIND_LAYER, of which one is true. */
function constantsOf(kernel: KernelFile, options: ReadonlyMap<string, string>): string[] {
  return [...kernel.options].flatMap(([option, values]) => {
    const name = option.toUpperCase();
    const chosen = options.get(option) ?? "";
    if (/^\d+$/.test(chosen)) return [`const ${name}: u32 = ${chosen}u;`];
    if (values.every((value) => value === "yes" || value === "no")) return [`const ${name} = ${chosen === "yes"};`];
    return values.map((value) => `const ${name}_${value.toUpperCase()} = ${value === chosen};`);
  });
}

/** Replaces each `//! use PART` by the part, once, and {option} by its value. */
function withParts(files: KernelFiles, text: string, options: ReadonlyMap<string, string>, used: Set<string>): string {
  const filled = text.replace(/\{(\w+)\}/g, (all, option: string) => options.get(option) ?? all);
  return filled.replace(/^\/\/! *use +(\S+)$/gm, (_, part: string) => {
    if (used.has(part)) return "";
    used.add(part);
    const source = files.get(`parts/${part}`);
    if (source === undefined) throw new Error(`there is no part '${part}' of kernels`);
    return withParts(files, source, options, used);
  });
}

/** Parameters, bindings, and a function for each operand by which the kernel reads or writes it. */
function interfaceOf(kernel: KernelFile, memories: readonly number[], parameterGroup: 0 | 1): string[] {
  const fields = [
    ...kernel.parameters.map(({ name, type }) => `${name}: ${type}`),
    ...kernel.operands.map(({ name }) => `${name}_begin: u32`),
  ];
  const written = new Set(memories.filter((_, i) => kernel.operands[i]?.written));
  const lines = [
    `struct Parameters { ${fields.join(", ")} }`,
    `@group(${parameterGroup}) @binding(0) var<uniform> parameters: Parameters;`,
    "@group(0) @binding(1) var<storage, read> step_data: array<u32>;",
    "fn data_i32(i: u32) -> i32 { return bitcast<i32>(step_data[i]); }",
    "fn data_f32(i: u32) -> f32 { return bitcast<f32>(step_data[i]); }",
    "fn flat(group: vec3u, groups: vec3u) -> u32 { return group.x + groups.x * (group.y + groups.y * group.z); }",
  ];
  for (const memory of new Set(memories)) {
    const access = written.has(memory) ? "read_write" : "read";
    lines.push(`@group(1) @binding(${parameterGroup + memory}) var<storage, ${access}> memory_${memory}: array<u32>;`);
  }
  kernel.operands.forEach((operand, i) => {
    lines.push(...functionsOf(operand, `memory_${memories[i]}`));
  });
  return lines;
}

function functionsOf({ name, kind, written }: KernelFile["operands"][number], memory: string): string[] {
  const begin = `parameters.${name}_begin`;
  const lines = [`fn has_${name}() -> bool { return ${begin} != 0xFFFFFFFFu; }`];
  if (kind === "bytes") {
    // The word that begins at a byte, wherever that lies: of the two words that hold it, which may be the same.
    lines.push(
      `fn ${name}_word(byte: u32) -> u32 {`,
      `  let at = ${begin} + byte;`,
      "  let shift = 8u * (at & 3u);",
      `  return (${memory}[at >> 2u] >> shift) | ((${memory}[(at + 3u) >> 2u] << 1u) << (31u - shift));`,
      "}",
      `fn ${name}_aligned_word(byte: u32) -> u32 { return ${memory}[(${begin} + byte) >> 2u]; }`,
    );
    return lines;
  }
  const read = `${memory}[${begin} + i]`;
  lines.push(
    kind === "f32"
      ? `fn ${name}(i: u32) -> f32 { return bitcast<f32>(${read}); }`
      : `fn ${name}(i: u32) -> u32 { return ${read}; }`,
  );
  if (written) {
    const value = kind === "f32" ? "bitcast<u32>(value)" : "value";
    lines.push(`fn set_${name}(i: u32, value: ${kind}) { ${read} = ${value}; }`);
  }
  return lines;
}
