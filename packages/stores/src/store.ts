/** State that changes as a whole, and who wants to know of it. */

export class Store<State extends object> {
  #state: State;
  readonly #listeners = new Set<() => void>();

  constructor(state: State) {
    this.#state = state;
  }

  /** The same object until something changes. */
  readonly getSnapshot = (): State => this.#state;

  /** Gives the function that ends it. */
  readonly subscribe = (listener: () => void): (() => void) => {
    // The same function twice is two listeners.
    const own = () => listener();
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  };

  protected set(change: Partial<State>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of [...this.#listeners]) listener();
  }
}
