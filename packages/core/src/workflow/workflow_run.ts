/** A run as users hold it. */

import { is_last, type WorkflowEvent } from "./events.js";
import type { WorkflowResult } from "./types.js";

/** Events that a run may be ahead of one who reads them. */
const most_ahead = 256;

/**
 * A workflow that runs: a promise of its result, and its events as they come, `for await (const event of run)`. Events are not
 * kept: who begins to read at once gets all. What ends a run is its last event; what keeps one from beginning is thrown
 * to readers, too. Who stops reading early ends the run; who reads slowly is waited for.
 */
export class WorkflowRun extends Promise<WorkflowResult> implements AsyncIterable<WorkflowEvent> {
  /** What `then` gives is a plain promise. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  readonly #running: Running;

  /** @internal */
  constructor(work: (running: Running) => Promise<WorkflowResult>) {
    const running = new Running();
    super((resolve) => resolve(work(running).finally(() => running.end())));
    this.#running = running;
  }

  // biome-ignore lint/suspicious/noThenProperty: it is a promise
  override then<Result = WorkflowResult, Failure = never>(
    onResult?: ((result: WorkflowResult) => Result | PromiseLike<Result>) | null,
    onFailure?: ((reason: unknown) => Failure | PromiseLike<Failure>) | null,
  ): Promise<Result | Failure> {
    this.#running.isAwaited = true;
    this.#running.wake();
    return super.then(onResult, onFailure);
  }

  /** Ends it, and with it what models are writing. */
  abort(reason?: unknown): void {
    this.#running.controller.abort(reason);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<WorkflowEvent, void> {
    const running = this.#running;
    const queue: WorkflowEvent[] = [];
    running.queues.add(queue);
    // Readers learn of a failure here.
    super.then(undefined, () => {});
    try {
      for (;;) {
        for (let event = queue.shift(); event; event = queue.shift()) {
          running.wake();
          yield event;
        }
        if (running.hasEnded) break;
        await running.change();
      }
      if (!running.hasToldEnd) await this;
    } finally {
      running.queues.delete(queue);
      if (!running.hasEnded) this.abort();
      running.wake();
    }
  }
}

/** What a run and its work have in common. */
export class Running {
  readonly controller = new AbortController();
  readonly queues = new Set<WorkflowEvent[]>();
  isAwaited = false;
  hasEnded = false;
  hasToldEnd = false;
  #waiting: (() => void)[] = [];

  /** Hands an event to those who read; waits for the slowest. */
  async tell(event: WorkflowEvent): Promise<void> {
    this.hasToldEnd = is_last(event);
    if (this.queues.size === 0) return;
    for (const queue of this.queues) queue.push(event);
    this.wake();
    while (!this.isAwaited && !this.controller.signal.aborted) {
      if ([...this.queues].every(({ length }) => length <= most_ahead)) return;
      await this.change();
    }
  }

  end(): void {
    this.hasEnded = true;
    this.wake();
  }

  /** Until something is told or read, or the run has ended. */
  change(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}
