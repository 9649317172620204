/**
 * What the engine asks of a GPU (engine/hearth_gpu.h), as JavaScript has it. Numbers of bytes are exact up to 2^53.
 * What goes wrong is thrown as a HearthError: OUT_OF_MEMORY, UNSUPPORTED, DEVICE_LOST.
 */

import type { KernelTime } from "./profile.js";

/** What the GPU has: hearth_gpu_properties. */
export interface GpuProperties {
  name: string;
  /** With its version, as far as the browser tells. */
  driver: string;
  blockBytes: number;
  bindingBytes: number;
  bindingAlignment: number;
  storageBindings: number;
  groups: number;
  groupThreads: number;
  groupMemoryBytes: number;
  /** Where all subgroups have as many; otherwise 0. */
  subgroupThreads: number;
  half: boolean;
  subgroups: boolean;
  packedDot: boolean;
  /** A driver that computes on the processor. */
  software: boolean;
}

/** Words of a hearth_gpu_command: kernel, three numbers of groups, the first of its bindings, and how many it has. */
export const COMMAND_WORDS = 6;

/** Words of a hearth_gpu_binding: block, 0, offset, its upper half, size, its upper half. */
export const BINDING_WORDS = 6;

/** Words of parameters that each command has. */
export const PARAMETER_WORDS = 64;

/** hearth_gpu_list: views of what lies in memory as C has it, the caller's again when the call returns. */
export interface CommandList {
  commands: Uint32Array;
  bindings: Uint32Array;
  parameters: Uint32Array;
  data: Uint32Array;
}

export interface GpuRunner {
  readonly properties: GpuProperties;
  /** Numbers of blocks from here on were never given out. */
  readonly blockCount: number;

  /** The number of a block of undefined content; `size` is a multiple of 4. Too large a one is told by `ready`. */
  createBlock(size: number): number;
  /** What was submitted so far may still use it. */
  destroyBlock(block: number): void;
  /** The number of the kernel of that name. */
  kernel(name: string): number;

  /** What follows happens in the order of the calls. Offsets and sizes are multiples of 4. */
  write(block: number, offset: number, bytes: Uint8Array): void;
  submit(list: CommandList): void;
  /** `take` is called with the bytes, which it copies, before `ready` says true. */
  beginRead(block: number, offset: number, size: number, take: (bytes: Uint8Array) => void): void;
  /** No `take` that is still to come is called. */
  dropReads(): void;

  /** Whether all that was asked for is done. Throws what has gone wrong since the GPU was opened. */
  ready(): boolean;
  /** Resolves when `ready` would say true, and rejects with what it would throw. */
  settled(): Promise<void>;

  /**
   * After DEVICE_LOST: goes on with a device that was opened meanwhile, which has no blocks or kernels. The old ones'
   * numbers are not given out again. Throws why there is none.
   */
  reopen(): void;

  /** From now on each command's time is taken, where the device was opened for that. */
  beginProfile(): void;
  /** Of all lists since then that are done. */
  kernelTime(kernel: number): KernelTime;

  /** Gives the GPU back. */
  close(): void;
}
