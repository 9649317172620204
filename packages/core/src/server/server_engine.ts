/** A model on a server, as the engine that it is. */

import { call_arguments, reply_value } from "../calls.js";
import {
  type Cancel,
  type EngineCalls,
  type EngineGenerationOptions,
  type EngineModel,
  engine_calls,
  type OnEvent,
} from "../engine.js";
import { HearthError } from "../errors.js";
import { json_text } from "../json.js";
import type { ModelInfo } from "../types.js";
import { base64_of } from "./base64.js";
import { ServerAnswer } from "./server_answer.js";
import type { Transport } from "./transport.js";

/** A model as the server knows it. */
export interface ServedModel {
  id: string;
  info: ModelInfo;
  /** Whether it was loaded for this program alone, which also has it unloaded. */
  own: boolean;
}

/** The values of x-hearth-reply, in the order of hearth_reply_type. */
const reply_types = ["nothing", "json", "text", "bytes", "int32", "float32"];

/** Calls that do more when they come twice. */
const unrepeatable: (keyof EngineCalls)[] = ["loadAdapter", "unloadAdapter"];

export function server_engine(transport: Transport, model: ServedModel): EngineModel {
  const engine = new ServerEngine(transport, model);
  return Object.assign(
    engine,
    engine_calls((name, args, signal) => engine.call(name, args, signal)),
  );
}

class ServerEngine implements Omit<EngineModel, keyof EngineCalls> {
  readonly info: ModelInfo;
  readonly #transport: Transport;
  readonly #model: ServedModel;
  readonly #answers = new Set<ServerAnswer>();
  /** Aborted when it is disposed. */
  readonly #life = new AbortController();
  #unloaded: Promise<void> | undefined;

  constructor(transport: Transport, model: ServedModel) {
    this.#transport = transport;
    this.#model = model;
    this.info = model.info;
  }

  generate(tokens: Int32Array, options: EngineGenerationOptions, onEvent: OnEvent): Cancel {
    const answer = new ServerAnswer(this.#transport, { model: this.#model.id, tokens, options }, onEvent);
    this.#answers.add(answer);
    if (this.#life.signal.aborted) answer.leave(closed());
    void answer.read().finally(() => this.#answers.delete(answer));
    const cancel = () => answer.leave(new HearthError("ABORTED", "aborted by the caller"));
    return Object.assign(cancel, { hold: (held: boolean) => answer.hold(held) });
  }

  async call(name: keyof EngineCalls, args: unknown[], signal: AbortSignal | undefined): Promise<unknown> {
    const { json, data } = call_arguments(args);
    const given = { model: this.#model.id, name, arguments: JSON.parse(json), data: data && base64_of(data) };
    const reply = await this.#transport.send("/v1/hearth/call", {
      body: json_text(given),
      signals: [signal, this.#life.signal],
      repeatable: !unrepeatable.includes(name),
    });
    const said = reply.header("x-hearth-reply");
    const type = reply_types.indexOf(said);
    if (type < 0) throw reply.misunderstood("the answer does not say what it is, in a header x-hearth-reply");
    const bytes = await reply.bytes();
    if (said.endsWith("32") && bytes.length % 4 !== 0)
      throw reply.misunderstood(`${bytes.length} bytes are no ${said}`);
    try {
      return reply_value(type, bytes);
    } catch {
      throw reply.misunderstood(`the answer is no ${said}`);
    }
  }

  /** What the server has for all, stays there. */
  dispose(): Promise<void> {
    this.#life.abort(closed());
    for (const answer of this.#answers) answer.leave(closed());
    this.#unloaded ??= this.#model.own ? this.#unload() : Promise.resolve();
    return this.#unloaded;
  }

  async #unload(): Promise<void> {
    try {
      const reply = await this.#transport.send("/v1/hearth/unload", { body: json_text({ model: this.#model.id }) });
      await reply.bytes();
    } catch (error) {
      // The server may have needed its memory before.
      if (HearthError.from(error).code !== "NOT_FOUND") throw error;
    }
  }
}

function closed(): HearthError {
  return new HearthError("DISPOSED", "the model was closed");
}
