/** A runner whose GPU may go away and come back: once it is lost, another device is opened to go on with. */

import { HearthError } from "@hearth/core";
import type { KernelTime } from "./profile.js";
import type { CommandList, GpuProperties, GpuRunner } from "./runner.js";

/** Opens a device, and gives out the numbers of its blocks from `firstBlock` on. */
export type OpenRunner = (firstBlock: number) => Promise<GpuRunner>;

/** Milliseconds that opening may take: a driver may never answer, and answers would wait for it. */
const PATIENCE = 10_000;

export class LastingRunner implements GpuRunner {
  readonly #open: OpenRunner;
  #runner: GpuRunner;
  /** While a device is opened in place of the lost one. */
  #opening: Promise<void> | undefined;
  /** What has come of that. */
  #opened: GpuRunner | HearthError | undefined;
  #profiled = false;
  #closed = false;

  constructor(runner: GpuRunner, open: OpenRunner) {
    this.#runner = runner;
    this.#open = open;
  }

  get properties(): GpuProperties {
    return this.#runner.properties;
  }

  get blockCount(): number {
    return this.#runner.blockCount;
  }

  createBlock(size: number): number {
    return this.#runner.createBlock(size);
  }

  destroyBlock(block: number): void {
    this.#runner.destroyBlock(block);
  }

  kernel(name: string): number {
    return this.#runner.kernel(name);
  }

  write(block: number, offset: number, bytes: Uint8Array): void {
    this.#runner.write(block, offset, bytes);
  }

  submit(list: CommandList): void {
    this.#runner.submit(list);
  }

  beginRead(block: number, offset: number, size: number, take: (bytes: Uint8Array) => void): void {
    this.#runner.beginRead(block, offset, size, take);
  }

  dropReads(): void {
    this.#runner.dropReads();
  }

  /** Of a loss it tells only when it is known what comes of it. */
  ready(): boolean {
    try {
      return this.#runner.ready();
    } catch (error) {
      if (!this.#begin_opening(error)) throw error;
      return false;
    }
  }

  async settled(): Promise<void> {
    try {
      await this.#runner.settled();
    } catch (error) {
      if (this.#begin_opening(error)) await this.#opening;
      throw error;
    }
  }

  reopen(): void {
    const opened = this.#opened;
    if (opened === undefined) throw new HearthError("UNSUPPORTED", "the GPU was not lost");
    if (opened instanceof HearthError) throw opened;
    this.#runner.close();
    this.#runner = opened;
    this.#opened = undefined;
    if (this.#profiled) opened.beginProfile();
  }

  beginProfile(): void {
    this.#profiled = true;
    this.#runner.beginProfile();
  }

  kernelTime(kernel: number): KernelTime {
    return this.#runner.kernelTime(kernel);
  }

  close(): void {
    this.#closed = true;
    this.#runner.close();
    if (this.#opened && !(this.#opened instanceof HearthError)) this.#opened.close();
  }

  /** Whether something is opened in place of what was lost, if that is what the error says. */
  #begin_opening(error: unknown): boolean {
    if (this.#closed || HearthError.from(error).code !== "DEVICE_LOST" || this.#opened) return false;
    this.#opening ??= this.#open_within(PATIENCE);
    return true;
  }

  async #open_within(milliseconds: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const too_long = new Promise<HearthError>((resolve) => {
      const late = new HearthError("UNSUPPORTED", `no GPU could be opened within ${milliseconds} ms`);
      timer = setTimeout(() => resolve(late), milliseconds);
    });
    const opening = this.#open(this.#runner.blockCount).catch((why: unknown) => HearthError.from(why));
    const opened = await Promise.race([opening, too_long]);
    clearTimeout(timer);
    this.#opening = undefined;
    this.#opened = opened;
    // One that comes too late is nobody's.
    void opening.then((runner) => {
      if (!(runner instanceof HearthError) && (this.#closed || runner !== opened)) runner.close();
    });
  }
}
