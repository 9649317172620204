/** Where a provider's models come from: loaded already, loaded when they are first asked for, or in a registry. */

import { type Hearth, HearthError, type Model } from "@hearth/core";

/** `loadModel` of @hearth/node or @hearth/web is one. */
// biome-ignore lint/suspicious/noExplicitAny: what a source may be is the platform's affair
export type LoadModel = (source: any, options: { signal?: AbortSignal }) => Promise<Model>;

/** Work that was begun on a model. */
export interface Work {
  /** Settled when nothing of it is left to do. */
  done: Promise<unknown>;
}

export interface ModelSource {
  readonly id: string;
  /** Has the work begun once the model is there. Rejects with the reason of `signal` where that is aborted before. */
  use<W extends Work>(start: (model: Model) => W, signal?: AbortSignal): Promise<W>;
}

export function loaded_model(model: Model): ModelSource {
  return { id: model.id, use: async (start) => start(model) };
}

/** A registry's model of that name, or of that source. It is not unloaded for another one while it works. */
export function registered_model(registry: Hearth, id: string): ModelSource {
  return {
    id,
    use: async (start, signal) => {
      await unless_aborted(registry.loadModel(id, id), signal);
      return registry.use(id, start);
    },
  };
}

interface Loading {
  model: Promise<Model>;
  /** Ends it. */
  controller: AbortController;
  /** Calls that wait for it. */
  waiting: number;
}

/** Loaded when it is first asked for, and again where it was disposed or could not be loaded. */
export class LoadedOnUse implements ModelSource {
  readonly id: string;
  readonly #load: (signal: AbortSignal) => Promise<Model>;
  #current: Loading | undefined;

  constructor(id: string, load: (signal: AbortSignal) => Promise<Model>) {
    this.id = id;
    this.#load = load;
  }

  async use<W extends Work>(start: (model: Model) => W, signal?: AbortSignal): Promise<W> {
    signal?.throwIfAborted();
    const loading = this.#current ?? this.#begin();
    const model = await this.#wait(loading, signal);
    if (!model.disposed) return start(model);
    this.#forget(loading);
    return this.use(start, signal);
  }

  /** What is being loaded is not any more. */
  async dispose(): Promise<void> {
    const loading = this.#current;
    if (!loading) return;
    this.#forget(loading);
    loading.controller.abort(new HearthError("DISPOSED", `the provider of '${this.id}' was disposed`));
    await dispose_when_loaded(loading);
  }

  #begin(): Loading {
    const controller = new AbortController();
    const loading = { model: this.#load(controller.signal), controller, waiting: 0 };
    this.#current = loading;
    loading.model.catch(() => this.#forget(loading));
    return loading;
  }

  #forget(loading: Loading): void {
    if (this.#current === loading) this.#current = undefined;
  }

  /** Whoever waits last and goes away, ends the loading. */
  async #wait(loading: Loading, signal?: AbortSignal): Promise<Model> {
    loading.waiting += 1;
    try {
      return await unless_aborted(loading.model, signal);
    } catch (error) {
      if (loading.waiting === 1) {
        this.#forget(loading);
        loading.controller.abort(error);
        void dispose_when_loaded(loading);
      }
      throw error;
    } finally {
      loading.waiting -= 1;
    }
  }
}

/** Of loading that was ended, perhaps too late. */
async function dispose_when_loaded({ model }: Loading): Promise<void> {
  const loaded = await model.catch(() => undefined);
  await loaded?.dispose();
}

async function unless_aborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  signal.throwIfAborted();
  let abort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
