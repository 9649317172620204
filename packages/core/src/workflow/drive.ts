/** Drives a run of the interpreter: has it go on, carries out what it asks for, all at once, and brings the answers. */

import { HearthError } from "../errors.js";
import { next_turn } from "../next_turn.js";
import type { CarryOut, WorkflowCall } from "./calls.js";
import { is_last, type LastEvent, type WorkflowEvent } from "./events.js";
import type { InterpretedRun } from "./interpreter.js";

export interface DriveOptions {
  carryOut: CarryOut;
  tell: (event: WorkflowEvent) => void | Promise<void>;
  keep: ((checkpoint: unknown) => void | Promise<void>) | undefined;
  signal: AbortSignal;
}

/** Milliseconds after which others have their turn. */
const longest_turn = 8;
const longest_timer = 2 ** 31 - 1;

/** Gives the last event, which is told, too. What `tell` and `keep` fail with ends the run. */
export async function drive(run: InterpretedRun, options: DriveOptions): Promise<LastEvent> {
  const driver = new Driver(run, options);
  const { signal } = options;
  signal.addEventListener("abort", driver.abort);
  try {
    return await driver.drive();
  } finally {
    signal.removeEventListener("abort", driver.abort);
    driver.end();
  }
}

class Driver {
  readonly #run: InterpretedRun;
  readonly #options: DriveOptions;
  /** Those that are carried out. */
  readonly #calls = new Map<number, AbortController>();
  #has_ended = false;
  /** Why an answer did not get to the run. */
  #failure: unknown;
  /** Whether something came since the run went on last. */
  #has_news = false;
  #wake: (() => void) | undefined;
  #turn_began = performance.now();

  constructor(run: InterpretedRun, options: DriveOptions) {
    this.#run = run;
    this.#options = options;
  }

  async drive(): Promise<LastEvent> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#options.signal.aborted) this.#run.cancel();
      this.#has_news = false;
      const { events, wakeAt, ended } = this.#run.advance(now());
      const last = await this.#take(events as unknown as RawEvent[]);
      if (ended && last) return last;
      await this.#pause(wakeAt);
    }
  }

  /** Models and functions learn of it at once, the run when it goes on. */
  readonly abort = (): void => {
    for (const call of this.#calls.values()) call.abort(this.#options.signal.reason);
    this.#news();
  };

  /** Nothing is waited for any more. */
  end(): void {
    this.#has_ended = true;
    for (const call of this.#calls.values()) call.abort();
    this.#calls.clear();
  }

  async #take(events: RawEvent[]): Promise<LastEvent | undefined> {
    const { keep, tell, signal } = this.#options;
    if (keep && events.some(({ event }) => worth_keeping.has(event))) await keep(this.#run.checkpoint());
    let last: LastEvent | undefined;
    for (const event of events) {
      if (event.event === "call") {
        this.#begin(event);
      } else if (event.event === "cancel") {
        this.#calls.get(event.id)?.abort();
        this.#calls.delete(event.id);
      } else {
        const told = event.event === "error" && event.error.code === "ABORTED" ? told_by(signal, event) : event;
        if (is_last(told)) last = told;
        await tell(told);
      }
    }
    return last;
  }

  #begin(call: WorkflowCall): void {
    const { carryOut, tell } = this.#options;
    const controller = new AbortController();
    this.#calls.set(call.id, controller);
    const is_wanted = () => this.#calls.get(call.id) === controller;
    const context = {
      node: call.node,
      task: call.task,
      signal: controller.signal,
      tell: (event: WorkflowEvent) => (is_wanted() ? tell(event) : undefined),
    };
    if (this.#options.signal.aborted) controller.abort();
    const answer = (given: { value: unknown } | { error: unknown }) => {
      if (this.#has_ended || !is_wanted()) return;
      this.#calls.delete(call.id);
      try {
        this.#answer(call.id, given);
      } catch (error) {
        this.#failure = error;
      }
      this.#news();
    };
    carryOut(call, context).then(
      (value) => answer({ value }),
      (error: unknown) => answer({ error }),
    );
  }

  #answer(id: number, given: { value: unknown } | { error: unknown }): void {
    try {
      if ("error" in given) throw given.error;
      this.#run.answer({ id, value: given.value });
    } catch (error) {
      // Also where the value is none that JSON can hold.
      const { code, message } = HearthError.from(error, "INVALID_ARGUMENT");
      this.#run.answer({ id, error: { code, message } });
    }
  }

  #news(): void {
    this.#has_news = true;
    this.#wake?.();
  }

  /** Until there is news, or the run wants to go on. */
  async #pause(wakeAt: number | null): Promise<void> {
    const wait = wakeAt === null ? longest_timer : wakeAt - now();
    if (wait > 0 && !this.#has_news) {
      let timer: ReturnType<typeof setTimeout> | undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        if (wakeAt !== null) timer = setTimeout(resolve, Math.min(wait, longest_timer));
      });
      clearTimeout(timer);
      this.#wake = undefined;
    } else if (performance.now() - this.#turn_began < longest_turn) {
      return;
    } else {
      await next_turn();
    }
    this.#turn_began = performance.now();
  }
}

type RawEvent = WorkflowEvent | ({ event: "call" } & WorkflowCall) | { event: "cancel"; id: number };

const worth_keeping = new Set(["node_finished", "interrupt", "interrupted"]);

/** With the reason that the signal has: a deadline is no wish. */
function told_by<Told extends Extract<LastEvent, { event: "error" }>>(signal: AbortSignal, event: Told): Told {
  if (!signal.aborted) return event;
  const { code, message } = HearthError.aborted(signal);
  return { ...event, error: { code, message } };
}

/** Of the run's clock. */
function now(): number {
  return Math.floor(performance.now());
}
