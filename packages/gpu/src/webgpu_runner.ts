/** Runs the engine's lists of commands on any WebGPU device: a browser's, or npm webgpu's in Node.js. */

import { HearthError } from "@hearth/core";
import { Completion } from "./completion.js";
import { type Block, type Dispatch, Dispatches } from "./dispatches.js";
import { InOrder } from "./in_order.js";
import type { KernelFiles } from "./kernel_text.js";
import { type KernelTime, Profile } from "./profile.js";
import { COMMAND_WORDS, type CommandList, type GpuProperties, type GpuRunner } from "./runner.js";

/** GPUBufferUsage by its values, which Node.js has no globals for. */
const usage = { mapRead: 0x1, copySource: 0x4, copyTarget: 0x8, uniform: 0x40, storage: 0x80 };
const MAP_READ = 1;

/** What errors are heard of. */
const scopes = ["validation", "out-of-memory"] as const;

/** A copy of what is written waits in the driver until the GPU has it. After so many bytes it is made to begin. */
const FLUSH_BYTES = 64 * 2 ** 20;

export class WebGpuRunner implements GpuRunner {
  readonly properties: GpuProperties;
  readonly #device: GPUDevice;
  readonly #completion = new Completion();
  readonly #dispatches: Dispatches;
  readonly #blocks: (Block | undefined)[];
  readonly #free_numbers: number[] = [];
  /** Of all commands of a list, and its data. Queues keep the order, so the next list may overwrite them. */
  #parameters: GPUBuffer | undefined;
  #data: GPUBuffer | undefined;
  #common: GPUBindGroup | undefined;
  /** That bytes are read through, and no read uses. */
  #staging: GPUBuffer[] = [];
  /** What the commands of a list are, as they were found. */
  readonly #found: Dispatch[] = [];
  readonly #order = new InOrder();
  #reads = new Set<{ dropped: boolean }>();
  /** Whether something was asked for since its end was last waited for. */
  #begun = false;
  #written = 0;
  #profile: Profile | undefined;
  #closed = false;

  /** The runner has the device from now on, and ends it. `kernels` are those of this package. */
  constructor(device: GPUDevice, properties: GpuProperties, kernels: KernelFiles, firstBlock = 1) {
    this.#device = device;
    this.properties = properties;
    this.#blocks = Array(firstBlock).fill(undefined);
    this.#dispatches = new Dispatches(
      device,
      kernels,
      (work) => this.#watched(work),
      (why) => this.#fail("validation", why),
    );
    void device.lost.then(({ message }) => this.#lost(message));
    // Of what runs into the driver's own limits, as a kernel's translation may.
    device.addEventListener("uncapturederror", (event) => this.#fail("internal", event.error.message));
  }

  get blockCount(): number {
    return this.#blocks.length;
  }

  createBlock(size: number): number {
    const buffer = this.#buffer(size, usage.storage | usage.copySource | usage.copyTarget);
    const number = this.#free_numbers.pop() ?? this.#blocks.length;
    this.#blocks[number] = { buffer, users: new Set() };
    return number;
  }

  destroyBlock(number: number): void {
    this.#in_order(() => {
      const block = this.#blocks[number];
      if (!block) return;
      this.#dispatches.forget(block);
      block.buffer.destroy();
      this.#blocks[number] = undefined;
      this.#free_numbers.push(number);
    });
  }

  kernel(name: string): number {
    return this.#dispatches.kernel(name);
  }

  write(block: number, offset: number, bytes: Uint8Array): void {
    const own = this.#order.waits ? bytes.slice() : bytes;
    this.#in_order(() => {
      this.#device.queue.writeBuffer(this.#block(block).buffer, offset, own as Uint8Array<ArrayBuffer>);
      this.#begun = true;
      this.#written += own.length;
      if (this.#written < FLUSH_BYTES) return;
      this.#written = 0;
      this.#device.queue.submit([]);
    });
  }

  submit(list: CommandList): void {
    if (this.#compiling(list) || this.#order.waits) {
      const own = Object.fromEntries(Object.entries(list).map(([name, words]) => [name, words.slice()]));
      this.#in_order(() => this.#submit(own as unknown as CommandList), this.#dispatches.compiling);
    } else this.#in_order(() => this.#submit(list));
  }

  beginRead(block: number, offset: number, size: number, take: (bytes: Uint8Array) => void): void {
    const read = { dropped: false };
    this.#reads.add(read);
    this.#in_order(() => {
      const rounded = Math.ceil(size / 4) * 4;
      const staging = this.#staging_for(rounded);
      const encoder = this.#device.createCommandEncoder();
      encoder.copyBufferToBuffer(this.#block(block).buffer, offset, staging, 0, rounded);
      this.#device.queue.submit([encoder.finish()]);
      // It comes behind all that was asked for, so nothing else need be waited for.
      this.#begun = false;
      const mapped = staging.mapAsync(MAP_READ, 0, rounded).then(
        () => {
          const wanted = !read.dropped && !this.#completion.failure;
          if (wanted) take(new Uint8Array(staging.getMappedRange(0, rounded), 0, size));
          this.#reads.delete(read);
          staging.unmap();
          this.#staging.push(staging);
        },
        (error: Error) => this.#lost(`reading from it failed: ${error.message}`),
      );
      this.#completion.add(mapped);
    });
  }

  dropReads(): void {
    for (const read of this.#reads) read.dropped = true;
    this.#reads.clear();
  }

  ready(): boolean {
    if (this.#begun && !this.#completion.failure) {
      this.#begun = false;
      this.#completion.add(this.#device.queue.onSubmittedWorkDone().catch((error: Error) => this.#lost(error.message)));
    }
    return this.#completion.done();
  }

  async settled(): Promise<void> {
    while (!this.ready()) await this.#completion.settled();
  }

  reopen(): void {
    throw new HearthError("UNSUPPORTED", "this runner has one device only");
  }

  beginProfile(): void {
    if (this.#device.features.has("timestamp-query")) this.#profile ??= new Profile(this.#device);
  }

  kernelTime(kernel: number): KernelTime {
    return this.#profile?.timeOf(kernel) ?? { calls: 0, seconds: 0 };
  }

  close(): void {
    this.#closed = true;
    this.dropReads();
    this.#completion.fail(new HearthError("DISPOSED", "the GPU was given back"));
    this.#device.destroy();
  }

  /** Finds what the list dispatches, and says whether some of it is still being compiled. */
  #compiling(list: CommandList): boolean {
    this.#make_room(list);
    let missing = false;
    for (let i = 0; i * COMMAND_WORDS < list.commands.length; ++i) {
      const found = this.#dispatches.find(i, list, this.#blocks);
      if (!found.compiled.pipeline) missing = true;
      this.#found[i] = found;
    }
    return missing;
  }

  #submit(list: CommandList): void {
    // A kernel that is still not there was refused, which the completion tells.
    if (this.#compiling(list)) return;
    const common = this.#hand_over(list);
    const encoder = this.#device.createCommandEncoder();
    if (this.#profile) this.#encode_one_by_one(encoder, this.#profile, common, list.commands);
    else this.#encode(encoder.beginComputePass(), common, list.commands);
    this.#device.queue.submit([encoder.finish()]);
    this.#begun = true;
    if (this.#profile) this.#completion.add(this.#profile.read().catch((error: Error) => this.#lost(error.message)));
  }

  #encode_one_by_one(encoder: GPUCommandEncoder, profile: Profile, common: GPUBindGroup, commands: Uint32Array): void {
    for (let at = 0, i = 0; at < commands.length; at += COMMAND_WORDS, ++i) {
      const pass = profile.beginPass(encoder, commands[at] as number);
      const found = this.#found[i] as Dispatch;
      pass.setPipeline(found.compiled.pipeline as GPUComputePipeline);
      pass.setBindGroup(0, common);
      pass.setBindGroup(1, found.operands);
      pass.dispatchWorkgroups(commands[at + 1] as number, commands[at + 2], commands[at + 3]);
      pass.end();
    }
    profile.takeAlong(encoder);
  }

  #encode(pass: GPUComputePassEncoder, common: GPUBindGroup, commands: Uint32Array): void {
    pass.setBindGroup(0, common);
    let last: Dispatch | undefined;
    for (let at = 0, i = 0; at < commands.length; at += COMMAND_WORDS, ++i) {
      const found = this.#found[i] as Dispatch;
      if (found.compiled !== last?.compiled) pass.setPipeline(found.compiled.pipeline as GPUComputePipeline);
      pass.setBindGroup(1, found.operands);
      pass.dispatchWorkgroups(commands[at + 1] as number, commands[at + 2], commands[at + 3]);
      last = found;
    }
    pass.end();
  }

  /** For what the list says. */
  #make_room({ parameters, data }: CommandList): void {
    if (!this.#parameters || this.#parameters.size < parameters.byteLength) {
      this.#parameters?.destroy();
      this.#parameters = this.#buffer(room_for(parameters.byteLength), usage.uniform | usage.copyTarget);
      this.#dispatches.useParameters(this.#parameters);
    }
    if (!this.#data || this.#data.size < data.byteLength) {
      this.#data?.destroy();
      this.#data = this.#buffer(room_for(data.byteLength), usage.storage | usage.copyTarget);
      this.#common = this.#device.createBindGroup({
        layout: this.#dispatches.commonLayout,
        entries: [{ binding: 1, resource: { buffer: this.#data } }],
      });
    }
  }

  /** Writes what the list says, which there is room for. Group 0. */
  #hand_over({ parameters, data }: CommandList): GPUBindGroup {
    this.#device.queue.writeBuffer(this.#parameters as GPUBuffer, 0, parameters as Uint32Array<ArrayBuffer>);
    if (data.length > 0) this.#device.queue.writeBuffer(this.#data as GPUBuffer, 0, data as Uint32Array<ArrayBuffer>);
    return this.#common as GPUBindGroup;
  }

  #staging_for(size: number): GPUBuffer {
    const place = this.#staging.findIndex((buffer) => buffer.size >= size);
    const [free] = place < 0 ? [] : this.#staging.splice(place, 1);
    return free ?? this.#buffer(room_for(size), usage.mapRead | usage.copyTarget);
  }

  #buffer(size: number, use: number): GPUBuffer {
    return this.#watched(() => this.#device.createBuffer({ size, usage: use }));
  }

  #block(number: number): Block {
    const block = this.#blocks[number];
    if (!block) throw new HearthError("INTERNAL", `the GPU has no block ${number}`);
    return block;
  }

  /** Behind all that was asked for before. */
  #in_order(work: () => void, needs?: Promise<unknown>): void {
    const done = this.#order.run(() => {
      try {
        this.#watched(work);
      } catch {
        // The completion has it.
      }
    }, needs);
    if (done) this.#completion.add(done);
  }

  /** Hears of what the device says against `work`. */
  #watched<T>(work: () => T): T {
    for (const scope of scopes) this.#device.pushErrorScope(scope);
    try {
      return work();
    } catch (error) {
      this.#completion.fail(HearthError.from(error));
      throw error;
    } finally {
      for (const scope of scopes.toReversed()) {
        // It rejects where the device is lost, which is told otherwise.
        const told = this.#device.popErrorScope().catch(() => null);
        this.#completion.add(told.then((error) => error && this.#fail(scope, error.message)));
      }
    }
  }

  #fail(scope: GPUErrorFilter, why: string): void {
    this.#completion.fail(
      scope === "out-of-memory"
        ? new HearthError("OUT_OF_MEMORY", `the GPU's memory is full: ${why}`)
        : new HearthError("UNSUPPORTED", `the GPU's driver refuses what Hearth asks of it: ${why}`),
    );
  }

  #lost(why: string): void {
    if (!this.#closed) this.#completion.fail(new HearthError("DEVICE_LOST", `the GPU went away: ${why}`));
  }
}

/** Steps differ a little in size: a buffer is made anew only where one has at least doubled. */
function room_for(bytes: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(bytes, 4096)));
}
