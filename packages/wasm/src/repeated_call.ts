/**
 * A call of an instance that reads from a GPU, which it cannot wait for: it fails where it would have to, and is made once
 * more when what it wants to read is there. It does the same each time, so what the GPU has computed is recognised, and
 * not computed again.
 */

import { HearthError } from "@hearth/core";
import type { CommandList, GpuRunner } from "@hearth/gpu";

type Words = number | Uint8Array | Uint32Array;

/** So much of what was asked for is kept, to be recognised. Where there is more, the GPU computes again. */
const MOST_BYTES = 64 * 2 ** 20;

export class RepeatedCall {
  readonly #runner: GpuRunner;
  /** By the order of the reads; those that are yet to come are undefined. */
  #answers: (Uint8Array | undefined)[] = [];
  #reads = 0;
  /** What the GPU was asked for, */
  #asked: Words[][] = [];
  /** of which so much was asked for again this time. */
  #repeated = 0;
  #bytes = 0;
  /** What was asked for is no longer all that has happened on the GPU. */
  #spoilt = false;
  #refused = false;

  constructor(runner: GpuRunner) {
    this.#runner = runner;
  }

  /** Calls as often as it takes, when `is_free` says that nothing else is going on. */
  async run<T>(make: () => T, is_free = () => true): Promise<T> {
    for (;;) {
      await this.#idle(is_free);
      if (this.#spoilt) this.#forget();
      this.#reads = 0;
      this.#repeated = 0;
      this.#refused = false;
      try {
        return make();
      } catch (error) {
        if (!this.#refused) throw error;
      }
    }
  }

  write(block: number, offset: number, bytes: Uint8Array): void {
    if (this.#is_new([block, offset, bytes])) this.#runner.write(block, offset, bytes);
  }

  submit(list: CommandList): void {
    if (this.#is_new([list.commands, list.bindings, list.parameters, list.data])) this.#runner.submit(list);
  }

  beginRead(block: number, offset: number, size: number, take: (bytes: Uint8Array) => void): void {
    const place = this.#reads++;
    const answers = this.#answers;
    const answer = answers[place];
    if (answer) take(answer);
    else if (!this.#spoilt) {
      this.#runner.beginRead(block, offset, size, (bytes) => {
        answers[place] = bytes.slice();
      });
    }
  }

  /** Throws where something that was read is yet to come, and what has gone wrong. */
  wait(): void {
    this.#runner.ready();
    for (let i = 0; i < this.#reads; ++i) this.#refused ||= this.#answers[i] === undefined;
    if (this.#refused) throw new HearthError("UNSUPPORTED", "nothing may wait for a browser's GPU");
  }

  /** The GPU has something done that this call does not know of. */
  spoil(): void {
    this.#spoilt ||= this.#asked.length > 0;
  }

  /** The GPU is another: the call begins from its beginning, within itself. */
  begin_anew(): void {
    this.#forget();
    this.#answers = [];
    this.#reads = 0;
  }

  #forget(): void {
    this.#asked = [];
    this.#repeated = 0;
    this.#bytes = 0;
    this.#spoilt = false;
  }

  /** Until the GPU is done, and nobody has more for it. What has gone wrong with it, the call is told. */
  async #idle(is_free: () => boolean): Promise<void> {
    try {
      do await this.#runner.settled();
      while (!is_free() || !this.#runner.ready());
    } catch {}
  }

  #is_new(asked: Words[]): boolean {
    const before = this.#asked[this.#repeated];
    if (before && !this.#spoilt && is_same(before, asked)) {
      ++this.#repeated;
      return false;
    }
    for (const words of asked) this.#bytes += typeof words === "number" ? 8 : words.byteLength;
    // What comes behind a refusal only tidies up.
    if (before || this.#refused || this.#bytes > MOST_BYTES) this.#spoilt = true;
    if (this.#spoilt) return true;
    this.#asked.push(asked.map((words) => (typeof words === "number" ? words : words.slice())));
    ++this.#repeated;
    return true;
  }
}

function is_same(some: Words[], others: Words[]): boolean {
  return some.every((words, i) => {
    const other = others[i];
    if (typeof words === "number" || typeof other !== "object") return words === other;
    return words.length === other.length && words.every((word, j) => word === other[j]);
  });
}
