/** A model in a worker, as the engine that it is. */

import {
  type Cancel,
  type EngineCalls,
  type EngineGenerationOptions,
  type EngineModel,
  empty_result,
  engine_calls,
  type OnEvent,
} from "../engine.js";
import { HearthError } from "../errors.js";
import type { ModelInfo } from "../types.js";
import type { Connection } from "./connection.js";
import { type Answer, type Method, result_from_wire } from "./protocol.js";

/** A worker that has the model. */
export interface Opened {
  connection: Connection;
  info: ModelInfo;
  name: string;
  /** Gives back memory and threads. */
  close: () => Promise<void>;
}

/** Starts a worker and loads the model into it. `onIdle` is called whenever nothing is left to answer. */
export type Start = (onIdle: () => void) => Promise<Opened>;

export interface RemoteOptions {
  /** Milliseconds without a request after which the worker ends. The next request starts it again. */
  terminateOnIdle?: number;
}

export class RemoteEngine implements Omit<EngineModel, keyof EngineCalls> {
  readonly info: ModelInfo;
  readonly #start: Start;
  readonly #options: RemoteOptions;
  #opened: Promise<Opened> | undefined;
  #disposed = false;
  #idle_timer: ReturnType<typeof setTimeout> | undefined;

  private constructor(start: Start, options: RemoteOptions, info: ModelInfo) {
    this.#start = start;
    this.#options = options;
    this.info = info;
  }

  static async open(
    start: Start,
    options: RemoteOptions,
  ): Promise<{ engine: RemoteEngine & EngineCalls; name: string }> {
    let engine: RemoteEngine | undefined;
    const opened = await start(() => {
      if (engine) engine.#wait_idle(); // there is none before it is loaded
    });
    engine = new RemoteEngine(start, options, opened.info);
    engine.#opened = Promise.resolve(opened);
    engine.#wait_idle();
    const remote = engine;
    const calls = engine_calls((method, args) => remote.#call(method, args));
    return { engine: Object.assign(remote, calls), name: opened.name };
  }

  generate(tokens: Int32Array, options: EngineGenerationOptions, onEvent: OnEvent): Cancel {
    let sent: { connection: Connection; id: number } | undefined;
    let cancelled = false;
    const fail = (error: HearthError) => onEvent("", empty_result("error", error));
    const send = ({ connection }: Opened) => {
      if (cancelled) return onEvent("", empty_result("cancelled"));
      const listener = (answer: Answer) => {
        if (answer.type !== "stream" && answer.type !== "generated") return false;
        onEvent(answer.text, answer.result && result_from_wire(answer.result), answer.extras);
        return answer.result !== undefined;
      };
      const id = connection.send({ type: options.whole ? "generate" : "stream", tokens, options }, listener, fail);
      sent = { connection, id };
    };
    this.#session()
      .then(send)
      .catch((error: unknown) => fail(HearthError.from(error)));
    const cancel = () => {
      cancelled = true;
      sent?.connection.cancel(sent.id);
    };
    const hold = (held: boolean) => sent?.connection.hold(sent.id, held);
    return Object.assign(cancel, { hold });
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
    await this.#end(new HearthError("DISPOSED", "the model was closed"));
  }

  async #call(method: Method, args: unknown[]): Promise<unknown> {
    const { connection } = await this.#session();
    return new Promise((resolve, reject) => {
      connection.send(
        { type: "call", method, args },
        (answer) => {
          if (answer.type === "returned") resolve(answer.value);
          return answer.type === "returned";
        },
        reject,
      );
    });
  }

  async #session(): Promise<Opened> {
    clearTimeout(this.#idle_timer);
    if (this.#disposed) throw new HearthError("DISPOSED", "the model was closed");
    this.#opened ??= this.#start(() => this.#wait_idle());
    return this.#opened;
  }

  #wait_idle(): void {
    clearTimeout(this.#idle_timer);
    const { terminateOnIdle } = this.#options;
    if (terminateOnIdle === undefined || this.#disposed) return;
    this.#idle_timer = setTimeout(async () => {
      const opened = await this.#opened?.catch(() => undefined);
      if (opened?.connection.idle) await this.#end(new HearthError("DISPOSED", "the worker was idle"));
    }, terminateOnIdle);
  }

  async #end(reason: HearthError): Promise<void> {
    clearTimeout(this.#idle_timer);
    const opened = await this.#opened?.catch(() => undefined);
    this.#opened = undefined;
    const closed = opened?.close(); // says goodbye, which it could not once the connection has failed
    opened?.connection.fail(reason);
    await closed;
  }
}
