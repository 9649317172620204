import { HearthError } from "./errors.js";
import { type GenerateOptions, generateText, streamText } from "./generate.js";
import type { Model } from "./model.js";
import type { OptionTable } from "./option.js";
import { check_options } from "./options.js";
import type { StreamedText } from "./streamed_text.js";
import type { CommonLoadOptions, GenerateResult, ModelInfo } from "./types.js";

export interface RegistryOptions {
  /** Where models run: here. */
  mode?: "local";
  /** The id of the model that answers where a request names none; default: the first that was loaded. */
  defaultModel?: string;
  /** Bytes that models may take together (weights, keys and values). Idle ones, the least recently used first, are
   * unloaded for a new one. Default: no limit. */
  memoryBudget?: number;
}

export interface ModelEntry {
  id: string;
  info: ModelInfo;
  /** Bytes of weights, keys and values. */
  memory: number;
  /** Requests that it works on. */
  active: number;
}

export type RequestOptions = Omit<GenerateOptions, "model" | "prompt"> & {
  /** The id of a loaded model. */
  model?: string;
};

/** @internal */
export const registry_options = {
  mode: { type: "name", names: ["local"] },
  defaultModel: { type: "text" },
  memoryBudget: { type: "number", least: 0, most: Infinity },
} as const satisfies OptionTable;

interface Loaded {
  model: Model;
  /** Bytes of weights, keys and values. */
  memory: number;
  active: number;
  lastUsed: number;
}

/** Several models under their names, within one memory budget. `Load` is the platform's loadModel. */
export class ModelRegistry<Source, Options extends CommonLoadOptions> {
  readonly #load: (source: Source, options?: Options) => Promise<Model>;
  readonly #budget: number;
  readonly #loaded = new Map<string, Loaded>();
  readonly #loading = new Map<string, Promise<Model>>();
  #current: string | undefined;
  #clock = 0;

  constructor(load: (source: Source, options?: Options) => Promise<Model>, options: RegistryOptions = {}) {
    check_options(options, registry_options);
    this.#load = load;
    this.#budget = options.memoryBudget ?? Infinity;
    this.#current = options.defaultModel;
  }

  /** Loads a model under `id`; one that is loaded already, or loading, is not loaded again. */
  async loadModel(source: Source, id?: string, options?: Options): Promise<Model> {
    const name = id ?? options?.id ?? String(source).split("/").pop() ?? "model";
    const there = this.#loaded.get(name);
    if (there) return there.model;
    let loading = this.#loading.get(name);
    if (!loading) {
      loading = this.#load(source, { ...(options as Options), id: name })
        .then((model) => this.#admit(name, model, memory_of(model, options?.memoryLimit)))
        .finally(() => this.#loading.delete(name));
      this.#loading.set(name, loading);
    }
    return loading;
  }

  async #admit(id: string, model: Model, memory: number): Promise<Model> {
    try {
      await this.#makeRoom(id, memory);
    } catch (error) {
      await model.dispose();
      throw error;
    }
    this.#loaded.set(id, { model, memory, active: 0, lastUsed: ++this.#clock });
    this.#current ??= id;
    return model;
  }

  /** Unloads idle models, the least recently used first, until the new one fits; none where all would not do. */
  async #makeRoom(id: string, memory: number): Promise<void> {
    for (;;) {
      const models = [...this.#loaded];
      const needed = models.reduce((sum, [, other]) => sum + other.memory, memory);
      if (needed <= this.#budget) return;
      const idle = models.filter(([, { active }]) => active === 0);
      const least = idle.reduce((sum, [, other]) => sum - other.memory, needed);
      const oldest = idle.sort(([, a], [, b]) => a.lastUsed - b.lastUsed)[0];
      if (!oldest || least > this.#budget) {
        throw new HearthError(
          "OUT_OF_MEMORY",
          `'${id}' needs ${memory} bytes; with the models at work that is ${least}, above the budget of ${this.#budget}`,
        );
      }
      await this.unloadModel(oldest[0]);
    }
  }

  /** Requests that it works on end with DISPOSED. */
  async unloadModel(id: string): Promise<void> {
    const { model } = this.#find(id);
    this.#loaded.delete(id);
    if (this.#current === id) this.#current = this.#loaded.keys().next().value;
    await model.dispose();
  }

  /** The same; the current model where none is named. */
  async unload(id = this.#current): Promise<void> {
    if (id === undefined) throw nothing_is_loaded();
    return this.unloadModel(id);
  }

  getModels(): ModelEntry[] {
    return [...this.#loaded].map(([id, { model, memory, active }]) => ({ id, info: model.info, memory, active }));
  }

  /** Makes a loaded model the one that answers where a request names none. */
  useModel(id: string): void {
    this.#find(id);
    this.#current = id;
  }

  getCurrentModel(): Model | undefined {
    return this.#current === undefined ? undefined : this.#loaded.get(this.#current)?.model;
  }

  isModelLoaded(id: string): boolean {
    return this.#loaded.has(id);
  }

  /** One answer, whole, of `options.model` or the current model. */
  generate(prompt: string, options: RequestOptions = {}): Promise<GenerateResult> {
    return this.use(options.model, (model) => ({ done: generateText({ ...options, prompt, model }) })).done;
  }

  /** One answer as it is written. */
  stream(prompt: string, options: RequestOptions = {}): StreamedText {
    const { stream } = this.use(options.model, (model) => {
      const stream = streamText({ ...options, prompt, model });
      return { stream, done: stream.settled };
    });
    return stream;
  }

  /** Has `start` begin other work on a loaded model, the current one where none is named: until it is done, the model is not idle. */
  use<Work extends { done: Promise<unknown> }>(id: string | undefined, start: (model: Model) => Work): Work {
    const chosen = id ?? this.#current;
    if (chosen === undefined) throw nothing_is_loaded();
    const entry = this.#find(chosen);
    entry.lastUsed = ++this.#clock;
    const work = start(entry.model);
    entry.active += 1;
    const end = () => {
      entry.active -= 1;
    };
    work.done.then(end, end);
    return work;
  }

  async dispose(): Promise<void> {
    await Promise.allSettled(this.#loading.values());
    await Promise.all([...this.#loaded.keys()].map((id) => this.unloadModel(id)));
  }

  #find(id: string): Loaded {
    const found = this.#loaded.get(id);
    if (found) return found;
    const names = [...this.#loaded.keys()].map((name) => `'${name}'`).join(", ") || "none";
    throw new HearthError("NOT_FOUND", `no model named '${id}' is loaded; there is ${names}`);
  }
}

function nothing_is_loaded(): HearthError {
  return new HearthError("NOT_FOUND", "no model is loaded: call loadModel first");
}

function memory_of({ info }: Model, memoryLimit = Infinity): number {
  return Math.min(info.fileSize - info.leftInFile, memoryLimit) + info.cacheBytes + info.draftBytes;
}
