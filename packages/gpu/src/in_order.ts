/** Work that is done at once, but behind all that came before it where that still waits for something. */
export class InOrder {
  #last: Promise<void> | undefined;

  /** Whether work that comes now has to wait: what it is given must then be its own. */
  get waits(): boolean {
    return this.#last !== undefined;
  }

  /** Where it waits, for `needs` or for work before it, a promise of its end. Neither may reject, nor `work` throw. */
  run(work: () => void, needs?: Promise<unknown>): Promise<void> | undefined {
    if (!this.#last && !needs) {
      work();
      return undefined;
    }
    const done = (this.#last ?? Promise.resolve())
      .then(() => needs)
      .then(() => {
        work();
        if (this.#last === done) this.#last = undefined;
      });
    this.#last = done;
    return done;
  }
}
