import { HearthError } from "../errors.js";

/** Ends a request when one of its callers says so, or when the server was silent for too long while it was waited for. */
export class Deadline {
  readonly #controller = new AbortController();
  readonly #callers: AbortSignal[];
  readonly #milliseconds: number;

  constructor(callers: (AbortSignal | undefined)[], milliseconds: number) {
    this.#milliseconds = milliseconds;
    this.#callers = callers.filter((caller) => caller !== undefined);
    for (const caller of this.#callers) {
      if (caller.aborted) this.#controller.abort(HearthError.aborted(caller));
      caller.addEventListener("abort", this.#abort, { once: true });
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /**
   * What `work` gives, for which the server is waited so long. Rejects with ABORTED, TIMEOUT or the work's own failure;
   * with the first two at once, whatever becomes of the work: the fetch of Node.js loses sight of signals at times.
   */
  async wait<T>(work: Promise<T>): Promise<T> {
    const { signal } = this;
    const milliseconds = this.#milliseconds;
    let end = () => {};
    const ended = new Promise<never>((_, reject) => {
      end = () => reject(signal.reason);
    });
    const late = () =>
      this.#controller.abort(
        new HearthError("TIMEOUT", `the server has said nothing for ${milliseconds} ms`, { timeout: milliseconds }),
      );
    const timer = setTimeout(late, milliseconds);
    signal.addEventListener("abort", end);
    if (signal.aborted) end();
    try {
      return await Promise.race([ended, work]);
    } catch (error) {
      throw signal.aborted ? signal.reason : error;
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
    }
  }

  /** Forgets its callers, which may outlive the request by far. */
  end(): void {
    for (const caller of this.#callers) caller.removeEventListener("abort", this.#abort);
  }

  readonly #abort = (event: Event) => this.#controller.abort(HearthError.aborted(event.target as AbortSignal));
}
