/** An answer that a server writes. */

import {
  type EngineExtras,
  type EngineGenerationOptions,
  type EngineResult,
  empty_result,
  type OnEvent,
} from "../engine.js";
import { HearthError } from "../errors.js";
import { json_text } from "../json.js";
import { error_of_event } from "./refusal.js";
import type { Transport } from "./transport.js";

export interface Asked {
  /** The server's name for it. */
  model: string;
  tokens: Int32Array;
  options: EngineGenerationOptions;
}

interface AnswerEvent {
  text?: string;
  extras?: EngineExtras;
  /** Of the answer, until now. */
  completionTokens?: number;
  /** Of the last one. */
  result?: Omit<EngineResult, "error"> & { error?: { code: string; message: string } };
}

export class ServerAnswer {
  readonly #transport: Transport;
  readonly #asked: Asked;
  readonly #onEvent: OnEvent;
  readonly #reader = new AbortController();
  #completionTokens = 0;
  #ended = false;
  /** While it is held: what waits for the end of that. */
  #passage: Promise<void> | undefined;
  #open_passage = () => {};

  constructor(transport: Transport, asked: Asked, onEvent: OnEvent) {
    this.#transport = transport;
    this.#asked = asked;
    this.#onEvent = onEvent;
  }

  /** To its end, which is told once, whatever it is. */
  async read(): Promise<void> {
    try {
      await this.#read();
    } catch (error) {
      if (!this.#ended) this.#onEvent("", this.#end_of(HearthError.from(error)));
    }
  }

  /** Nobody reads on, and the server, which finds the connection closed, does not write on. */
  leave(reason: HearthError): void {
    this.#reader.abort(reason);
    this.hold(false);
  }

  /** What is held is not read, so that the server finds no room for more and waits. */
  hold(held: boolean): void {
    if (held === (this.#passage !== undefined)) return;
    this.#open_passage();
    this.#passage = held ? new Promise((resolve) => (this.#open_passage = resolve)) : undefined;
  }

  async #read(): Promise<void> {
    const { model, tokens, options } = this.#asked;
    const { whole: _, ...wanted } = options;
    const body = json_text({ model, tokens: Array.from(tokens), options: wanted });
    const { signal } = this.#reader;
    const reply = await this.#transport.send("/v1/hearth/generate", { body, signals: [signal], repeatable: true });
    // To the end of the reply, so that the connection serves the next request.
    for await (const event of reply.events()) {
      if (!this.#ended) this.#hand_on(event as AnswerEvent);
      await this.#passage;
      if (signal.aborted) throw HearthError.aborted(signal);
    }
    if (!this.#ended) throw reply.broken_off();
  }

  #hand_on({ text = "", extras, completionTokens, result }: AnswerEvent): void {
    this.#completionTokens = completionTokens ?? this.#completionTokens;
    this.#ended = result !== undefined;
    this.#onEvent(text, result && { ...result, error: result.error && error_of_event(result.error) }, extras);
  }

  #end_of(error: HearthError): EngineResult {
    const { tokens, options } = this.#asked;
    const known = { promptTokens: tokens.length, completionTokens: this.#completionTokens, seed: options.seed ?? -1 };
    return this.#reader.signal.aborted && error.code === "ABORTED"
      ? { ...empty_result("cancelled"), ...known }
      : empty_result("error", error);
  }
}
