/** When all that a GPU was asked for is done, and what has gone wrong with it. */

import type { HearthError } from "@hearth/core";

export class Completion {
  #outstanding = 0;
  #failure: HearthError | undefined;
  #waiting: (() => void)[] = [];

  get failure(): HearthError | undefined {
    return this.#failure;
  }

  /** Nothing is done before `promise` has ended, which must not reject. */
  add(promise: Promise<unknown>): void {
    ++this.#outstanding;
    void promise.then(() => {
      if (--this.#outstanding === 0) this.#wake();
    });
  }

  /** The first failure counts: those that come after it come of it. */
  fail(failure: HearthError): void {
    this.#failure ??= failure;
    this.#wake();
  }

  done(): boolean {
    if (this.#failure) throw this.#failure;
    return this.#outstanding === 0;
  }

  async settled(): Promise<void> {
    while (!this.done()) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
