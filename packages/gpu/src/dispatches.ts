/**
 * The pipeline and the bind group of each command, made once: a step's commands are those of the step before, but for
 * their parameters. Looking one up allocates nothing.
 */

import { HearthError } from "@hearth/core";
import { type KernelFiles, kernelText, parseKernelFile, parseKernelName } from "./kernel_text.js";
import { BINDING_WORDS, COMMAND_WORDS, type CommandList, PARAMETER_WORDS } from "./runner.js";

/** A kernel whose operands share blocks in one way. */
export interface Compiled {
  layout: GPUBindGroupLayout;
  /** Not yet there, or refused, while undefined. */
  pipeline: GPUComputePipeline | undefined;
}

/** A kernel bound to its parameters and to windows of blocks. */
export interface Dispatch {
  compiled: Compiled;
  operands: GPUBindGroup;
  /** By which it is found: its place in the list, the kernel's number, and the words of its bindings. */
  words: Uint32Array;
  hash: number;
}

export interface Block {
  buffer: GPUBuffer;
  /** Dispatches that are bound to it. */
  users: Set<Dispatch>;
}

interface Kernel {
  name: string;
  /** Of its operands: whether it writes them. */
  written: boolean[];
  /** By which operands share a block. */
  compiled: Map<string, Compiled>;
}

/** Where windows in large blocks move on with every step, what was bound long ago is of no more use. */
const MOST_DISPATCHES = 1 << 14;

const HIGH = 2 ** 32;

/** Of a dispatch's words, those before its bindings. */
const KEY_WORDS = 2;

export class Dispatches {
  /** Group 0 of all kernels: the list's data. */
  readonly commonLayout: GPUBindGroupLayout;
  readonly #device: GPUDevice;
  readonly #files: KernelFiles;
  readonly #watch: (work: () => void) => void;
  readonly #refuse: (why: string) => void;
  readonly #kernels: Kernel[] = [];
  readonly #numbers = new Map<string, number>();
  readonly #layouts = new Map<string, { operands: GPUBindGroupLayout; pipeline: GPUPipelineLayout }>();
  readonly #found = new Map<number, Dispatch[]>();
  #count = 0;
  readonly #compiling = new Set<Promise<void>>();
  /** Of all commands of a list, in their order. */
  #parameters: GPUBuffer | undefined;
  /** What is bound where a kernel is given no operand at all. */
  #nowhere: GPUBuffer | undefined;

  /** `watch` does what makes the device's objects, and hears of errors in that; `refuse` hears of kernels that do not compile. */
  constructor(device: GPUDevice, files: KernelFiles, watch: (work: () => void) => void, refuse: (why: string) => void) {
    this.#device = device;
    this.#files = files;
    this.#watch = watch;
    this.#refuse = refuse;
    this.commonLayout = device.createBindGroupLayout({
      entries: [{ binding: 1, visibility: GPUShaderStageCompute, buffer: { type: "read-only-storage" } }],
    });
  }

  /** The number of the kernel of that name. UNSUPPORTED. */
  kernel(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const source = this.#files.get(parseKernelName(name).file);
    try {
      kernelText(this.#files, name);
    } catch (error) {
      throw HearthError.from(error, "UNSUPPORTED");
    }
    const written = parseKernelFile(source ?? "").operands.map((operand) => operand.written);
    this.#kernels.push({ name, written, compiled: new Map() });
    this.#numbers.set(name, this.#kernels.length - 1);
    return this.#kernels.length - 1;
  }

  /** Until all is compiled that was found so far; undefined where it is. Does not reject. */
  get compiling(): Promise<unknown> | undefined {
    return this.#compiling.size > 0 ? Promise.all(this.#compiling) : undefined;
  }

  /** Parameters are read from there from now on. */
  useParameters(buffer: GPUBuffer): void {
    this.#parameters = buffer;
    this.#forget_all();
  }

  /** The command of a list at `place`. */
  find(place: number, { commands, bindings }: CommandList, blocks: (Block | undefined)[]): Dispatch {
    const at = place * COMMAND_WORDS;
    const kernel = commands[at] as number;
    const begin = (commands[at + 4] as number) * BINDING_WORDS;
    const end = begin + (commands[at + 5] as number) * BINDING_WORDS;
    let hash = Math.imul(place, 0x9e3779b1) ^ kernel;
    for (let i = begin; i < end; ++i) hash = Math.imul(hash ^ (bindings[i] as number), 0x01000193);
    const candidates = this.#found.get(hash);
    if (candidates) {
      for (const dispatch of candidates)
        if (is_of(dispatch.words, place, kernel, bindings, begin, end)) return dispatch;
    }
    const words = new Uint32Array(KEY_WORDS + end - begin);
    words[0] = place;
    words[1] = kernel;
    words.set(bindings.subarray(begin, end), KEY_WORDS);
    return this.#make(words, hash, blocks);
  }

  /** Nothing is bound to the block any more. */
  forget(block: Block): void {
    for (const dispatch of block.users) this.#remove(dispatch);
  }

  #make(words: Uint32Array, hash: number, blocks: (Block | undefined)[]): Dispatch {
    if (this.#count >= MOST_DISPATCHES) this.#forget_all();
    const operands: number[] = [];
    for (let i = KEY_WORDS; i < words.length; i += BINDING_WORDS) operands.push(i);
    const memories = memories_of(operands.map((i) => words[i] as number));
    const compiled = this.#compile(this.#kernels[words[1] as number] as Kernel, memories);
    const size = PARAMETER_WORDS * 4;
    const parameters = { buffer: this.#parameters as GPUBuffer, offset: (words[0] as number) * size, size };
    const entries: GPUBindGroupEntry[] = [{ binding: 0, resource: parameters }];
    const users: Block[] = [];
    operands.forEach((i, operand) => {
      const block = blocks[words[i] as number];
      if (!block || memories[operand] !== entries.length - 1) return;
      const offset = (words[i + 2] as number) + HIGH * (words[i + 3] as number);
      const size = (words[i + 4] as number) + HIGH * (words[i + 5] as number);
      entries.push({ binding: entries.length, resource: { buffer: block.buffer, offset, size } });
      users.push(block);
    });
    if (entries.length === 1 && operands.length > 0) {
      entries.push({ binding: 1, resource: { buffer: this.#something() } });
    }
    let bound: GPUBindGroup | undefined;
    this.#watch(() => {
      bound = this.#device.createBindGroup({ layout: compiled.layout, entries });
    });
    const dispatch: Dispatch = { compiled, operands: bound as GPUBindGroup, words, hash };
    for (const block of users) block.users.add(dispatch);
    const others = this.#found.get(hash);
    if (others) others.push(dispatch);
    else this.#found.set(hash, [dispatch]);
    ++this.#count;
    return dispatch;
  }

  #forget_all(): void {
    this.#found.clear();
    this.#count = 0;
  }

  #remove(dispatch: Dispatch): void {
    const candidates = this.#found.get(dispatch.hash);
    const place = candidates?.indexOf(dispatch) ?? -1;
    if (!candidates || place < 0) return;
    candidates.splice(place, 1);
    if (candidates.length === 0) this.#found.delete(dispatch.hash);
    --this.#count;
  }

  /** Begins to: a driver takes a while, and several at a time. */
  #compile(kernel: Kernel, memories: number[]): Compiled {
    const key = memories.join();
    const known = kernel.compiled.get(key);
    if (known) return known;
    const written: boolean[] = [];
    memories.forEach((memory, i) => {
      written[memory] = (written[memory] ?? false) || (kernel.written[i] ?? false);
    });
    const { operands, pipeline: layout } = this.#layout(written);
    const compiled: Compiled = { layout: operands, pipeline: undefined };
    kernel.compiled.set(key, compiled);
    const code = kernelText(this.#files, kernel.name, memories);
    this.#watch(() => {
      const module = this.#device.createShaderModule({ label: kernel.name, code });
      const descriptor = { label: kernel.name, layout, compute: { module } };
      const made = this.#device.createComputePipelineAsync(descriptor).then(
        (pipeline) => {
          compiled.pipeline = pipeline;
        },
        (error: Error) => this.#refuse(`${kernel.name}: ${error.message}`),
      );
      const done = made.then(() => void this.#compiling.delete(done));
      this.#compiling.add(done);
    });
    return compiled;
  }

  /** Of kernels that write those of their memories. */
  #layout(written: boolean[]): { operands: GPUBindGroupLayout; pipeline: GPUPipelineLayout } {
    const key = written.join();
    const known = this.#layouts.get(key);
    if (known) return known;
    const buffers: GPUBufferBindingLayout[] = [
      { type: "uniform", minBindingSize: PARAMETER_WORDS * 4 },
      ...written.map((is_written) => ({ type: is_written ? "storage" : "read-only-storage" }) as const),
    ];
    const entries = buffers.map((buffer, binding) => ({ binding, visibility: GPUShaderStageCompute, buffer }));
    let made: { operands: GPUBindGroupLayout; pipeline: GPUPipelineLayout } | undefined;
    this.#watch(() => {
      const operands = this.#device.createBindGroupLayout({ entries });
      const pipeline = this.#device.createPipelineLayout({ bindGroupLayouts: [this.commonLayout, operands] });
      made = { operands, pipeline };
    });
    this.#layouts.set(key, made as NonNullable<typeof made>);
    return made as NonNullable<typeof made>;
  }

  #something(): GPUBuffer {
    this.#nowhere ??= this.#device.createBuffer({ size: 16, usage: GPUBufferUsageStorage });
    return this.#nowhere;
  }
}

// By their values, which Node.js has no globals for.
const GPUShaderStageCompute = 4;
const GPUBufferUsageStorage = 0x80;

function is_of(
  words: Uint32Array,
  place: number,
  kernel: number,
  bindings: Uint32Array,
  begin: number,
  end: number,
): boolean {
  if (words[0] !== place || words[1] !== kernel || words.length !== KEY_WORDS + end - begin) return false;
  for (let i = begin, j = KEY_WORDS; i < end; ++i, ++j) if (words[j] !== bindings[i]) return false;
  return true;
}

/** Which memory each operand lies in, counted in their order. One that is nowhere counts to the first. */
function memories_of(blocks: number[]): number[] {
  const order = [...new Set(blocks.filter((block) => block !== 0))];
  return blocks.map((block) => Math.max(0, order.indexOf(block)));
}
