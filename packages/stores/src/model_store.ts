/** A model that is there while somebody wants it: loaded for the first, given back after the last. */

import { HearthError, type LoadProgress, type Model } from "@hearth/core";
import type { Loading } from "./loading.js";
import { Store } from "./store.js";

/** "idle": nobody wants it, or it was stopped. */
export type ModelStatus = "idle" | "loading" | "ready" | "error";

export interface ModelState {
  status: ModelStatus;
  /** With "ready". */
  model: Model | undefined;
  /** The last that was told of loading. */
  progress: LoadProgress | undefined;
  /** With "error". */
  error: HearthError | undefined;
}

const nothing: ModelState = { status: "idle", model: undefined, progress: undefined, error: undefined };

export class ModelStore extends Store<ModelState> {
  readonly #how: Loading;
  #wanted = 0;
  /** Of what is being loaded, or was. */
  #loading: AbortController | undefined;

  constructor(how: Loading) {
    super(nothing);
    this.#how = how;
  }

  /**
   * Wants the model: loads it unless it is there or coming. Gives the function that wants it no more. After the last of
   * those it is given back, a moment later, so that who leaves and comes again at once finds it.
   */
  readonly retain = (): (() => void) => {
    this.#wanted += 1;
    if (!this.#loading) void this.#load();
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#wanted -= 1;
      setTimeout(() => this.#wanted === 0 && this.stop());
    };
  };

  /** Loads it again: after an error, or after `stop`. */
  readonly reload = (): void => {
    this.stop();
    void this.#load();
  };

  /** Ends the loading, or gives the model back. */
  readonly stop = (): void => {
    if (!this.#loading) return;
    this.#loading.abort();
    this.#loading = undefined;
    const { model } = this.getSnapshot();
    this.set(nothing);
    if (model) void this.#how.unload(model);
  };

  async #load(): Promise<void> {
    const loading = new AbortController();
    const { signal } = loading;
    this.#loading = loading;
    const change = (state: Partial<ModelState>) => {
      if (this.#loading === loading) this.set(state);
    };
    this.set({ ...nothing, status: "loading" });
    try {
      const model = await this.#how.load({ signal, onProgress: (progress) => change({ progress }) });
      if (this.#loading === loading) change({ status: "ready", model });
      else await this.#how.unload(model);
    } catch (error) {
      change({ status: "error", error: HearthError.from(error) });
    }
  }
}
