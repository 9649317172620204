/** A server with models: what it has, and what is loaded on it. */

import { HearthError } from "../errors.js";
import { json_text } from "../json.js";
import { Model } from "../model.js";
import { engine_load_options } from "../options.js";
import type { CommonLoadOptions, LoadProgress, ModelInfo } from "../types.js";
import { error_of_event } from "./refusal.js";
import { server_engine } from "./server_engine.js";
import { type ServerOptions, server_access } from "./server_options.js";
import { type Reply, Transport } from "./transport.js";

/** A model that the server can answer with, loaded or not. */
export interface ServerModel {
  id: string;
  loaded: boolean;
  /** Bytes of weights, keys and values, of one that is loaded; as are the others. */
  memory?: number;
  /** Requests that it works on. */
  active?: number;
  info?: ModelInfo;
}

interface LoadEvent {
  progress?: LoadProgress;
  model?: { id: string; info: ModelInfo };
  error?: { code?: unknown; message?: unknown };
}

export class Server {
  readonly #transport: Transport;

  constructor(options: ServerOptions) {
    this.#transport = new Transport(server_access(options));
  }

  /**
   * A model by a name that the server knows, or what else it loads (hf:, URL). The server's own serves all its clients.
   * With options of the engine it is loaded once more, for this program alone, which may take an admin's key.
   */
  async loadModel(source: unknown, options: CommonLoadOptions = {}): Promise<Model> {
    const { signal, onProgress, id } = options;
    const engine_options = engine_load_options(options, {});
    if (signal?.aborted) throw HearthError.aborted(signal);
    if (typeof source !== "string" || source === "") {
      throw new HearthError(
        "INVALID_ARGUMENT",
        "a server loads models by name: a string, such as those of serverModels()",
      );
    }
    const own = Object.values(engine_options).some((value) => value !== undefined);
    const body = json_text({ model: source, ...(own && { options: engine_options }) });
    const reply = await this.#transport.send("/v1/hearth/load", { body, signals: [signal], repeatable: !own });
    const loaded = await loaded_model(reply, onProgress);
    return new Model(server_engine(this.#transport, { ...loaded, own }), id ?? source);
  }

  /** What it can answer with. */
  async models(signal?: AbortSignal): Promise<ServerModel[]> {
    const reply = await this.#transport.send("/v1/models", { signals: [signal], repeatable: true });
    const { data } = (await reply.json()) as { data?: { id: string; hearth?: Omit<ServerModel, "id"> }[] };
    if (!Array.isArray(data)) throw reply.misunderstood("the answer is no list of models");
    return data.map(({ id, hearth = { loaded: false } }) => ({ id, ...hearth }));
  }
}

async function loaded_model(reply: Reply, onProgress: CommonLoadOptions["onProgress"]) {
  let model: LoadEvent["model"];
  for await (const event of reply.events()) {
    const { progress, model: loaded, error } = event as LoadEvent;
    if (error) throw error_of_event(error);
    if (progress) onProgress?.(progress); // a listener that throws ends loading, and hears of it
    model = loaded ?? model;
  }
  if (!model) throw reply.broken_off();
  const is_known = typeof model.id === "string" && Number.isFinite(model.info?.fileSize);
  if (!is_known) throw reply.misunderstood("the answer does not say which model it has loaded");
  return model;
}
