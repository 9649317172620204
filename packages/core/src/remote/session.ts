/** The worker's side: answers requests about one model, from one program or several (pages that share a worker). */

import { type Cancel, type EngineExtras, type EngineModel, joined_extras } from "../engine.js";
import { HearthError } from "../errors.js";
import type { LoadProgress } from "../types.js";
import { type Answer, type Method, type Request, result_to_wire, to_wire } from "./protocol.js";

/** Often enough for a bar that moves smoothly. */
const progress_interval_ms = 50;

/** What the program is reached by. */
export interface Port {
  postMessage(message: Answer, transfer?: Transferable[]): void;
}

export interface OpenContext<Wanted = unknown, Help = unknown> {
  signal: AbortSignal;
  report: (progress: LoadProgress) => void;
  /** Asks the program for what only it can give. */
  help: (wanted: Wanted) => Promise<Help>;
}

export interface OpenedModel {
  engine: EngineModel;
  name: string;
}

export type Open<Load, Wanted, Help> = (load: Load, context: OpenContext<Wanted, Help>) => Promise<OpenedModel>;

/** The model of this worker: opened by the first who asks, closed when the last has gone. */
export class Hosted<Load = unknown, Wanted = unknown, Help = unknown> {
  readonly #open: Open<Load, Wanted, Help>;
  #model: Promise<OpenedModel> | undefined;
  #users = 0;

  constructor(open: Open<Load, Wanted, Help>) {
    this.#open = open;
  }

  async enter(load: Load, context: OpenContext<Wanted, Help>): Promise<OpenedModel> {
    this.#model ??= this.#open(load, context);
    const model = this.#model;
    try {
      const opened = await model;
      this.#users += 1;
      return opened;
    } catch (error) {
      if (this.#model === model) this.#model = undefined;
      throw error;
    }
  }

  async leave(): Promise<void> {
    this.#users -= 1;
    if (this.#users > 0 || !this.#model) return;
    const model = this.#model;
    this.#model = undefined;
    await (await model).engine.dispose();
  }
}

/** One program's requests. */
export class Session<Load = unknown, Wanted = unknown, Help = unknown> {
  readonly #port: Port;
  readonly #hosted: Hosted<Load, Wanted, Help>;
  readonly #running = new Map<number, Cancel>();
  #engine: EngineModel | undefined;
  #helped: ((help: Help) => void) | undefined;

  constructor(port: Port, hosted: Hosted<Load, Wanted, Help>) {
    this.#port = port;
    this.#hosted = hosted;
  }

  receive(request: Request<Load, Help>): void {
    const { id, type } = request;
    if (type === "help") this.#helped?.(request.help);
    else if (type === "hold") this.#running.get(request.target)?.hold?.(request.held);
    else if (type === "terminate" && request.target !== undefined) this.#running.get(request.target)?.();
    else
      this.#answer(request).catch((error: unknown) =>
        this.#port.postMessage({ id, type: "error", error: to_wire(error) }),
      );
  }

  async #answer(request: Request<Load, Help>): Promise<void> {
    switch (request.type) {
      case "load":
        return this.#load(request.id, request.load);
      case "generate":
      case "stream":
        return this.#generate(request);
      case "call":
        return this.#call(request.id, request.method, request.args);
      case "terminate":
        await this.end();
        this.#port.postMessage({ id: request.id, type: "terminated" });
    }
  }

  /** What still runs is cancelled; the model goes if nobody else uses it. */
  async end(): Promise<void> {
    for (const cancel of this.#running.values()) cancel();
    if (!this.#engine) return;
    this.#engine = undefined;
    await this.#hosted.leave();
  }

  async #load(id: number, load: Load): Promise<void> {
    const abort = new AbortController();
    this.#running.set(id, () => abort.abort());
    try {
      const { engine, name } = await this.#hosted.enter(load, {
        signal: abort.signal,
        report: seldom((progress) => this.#port.postMessage({ id, type: "progress", progress })),
        help: (wanted) =>
          new Promise((resolve) => {
            this.#helped = resolve;
            this.#port.postMessage({ id, type: "help", wanted });
          }),
      });
      this.#engine = engine;
      this.#port.postMessage({ id, type: "loaded", info: engine.info, name });
    } finally {
      this.#running.delete(id);
    }
  }

  #generate({ id, type, tokens, options }: Extract<Request, { type: "generate" | "stream" }>): void {
    let whole = "";
    let all: EngineExtras | undefined;
    const cancel = this.#model().generate(tokens, options, (text, result, extras) => {
      if (result) this.#running.delete(id);
      const wire = result && result_to_wire(result);
      if (type === "stream") {
        this.#port.postMessage({ id, type, text, ...(wire && { result: wire }), ...(extras && { extras }) });
        return;
      }
      whole += text;
      all = joined_extras(all, extras);
      if (wire)
        this.#port.postMessage({ id, type: "generated", text: whole, result: wire, ...(all && { extras: all }) });
    });
    this.#running.set(id, cancel);
  }

  async #call(id: number, method: Method, args: unknown[]): Promise<void> {
    const model = this.#model();
    const call = model[method] as ((...args: unknown[]) => Promise<unknown>) | undefined;
    if (!call) throw new HearthError("UNSUPPORTED", `the engine in the worker has no ${method}`);
    this.#port.postMessage({ id, type: "returned", value: await call.apply(model, args) });
  }

  #model(): EngineModel {
    if (this.#engine) return this.#engine;
    throw new HearthError("DISPOSED", "the worker has no model (any more): load it again");
  }
}

/** Passes on what is new: the first and the last of each stage, every message, and some of what comes between. */
function seldom(report: (progress: LoadProgress) => void): (progress: LoadProgress) => void {
  let stage: string | undefined;
  let time = 0;
  return (progress) => {
    const now = performance.now();
    const soon = progress.stage === stage && now - time < progress_interval_ms;
    if (soon && progress.loaded < progress.total && progress.message === undefined) return;
    stage = progress.stage;
    time = now;
    report(progress);
  };
}
