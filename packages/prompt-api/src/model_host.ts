/** The model behind all sessions: whether it is there, and its loading, which all who wait for it share. */

import {
  getCapabilities,
  HearthError,
  type LoadOptions,
  type LoadProgress,
  loadModel,
  Model,
  ModelCache,
  type Source,
} from "@hearth/web";
import { Meter } from "./meter.js";
import type { Availability } from "./types.js";

/** What @hearth/web's loadModel takes; a model that is loaded; or a function that loads one. */
export type ModelSource = Source | Model | ((options: Pick<LoadOptions, "onProgress">) => Promise<Model>);

export interface ReadyModel {
  model: Model;
  meter: Meter;
}

type OnFraction = (fraction: number) => void;

export class ModelHost {
  readonly #source: ModelSource;
  readonly #options: LoadOptions;
  readonly #listeners = new Set<OnFraction>();
  #loading: Promise<ReadyModel> | undefined;
  #ready: ReadyModel | undefined;
  #can_run: Promise<boolean> | undefined;

  constructor(source: ModelSource, options: LoadOptions) {
    this.#source = source;
    this.#options = options;
  }

  async availability(): Promise<Availability> {
    if (this.#source instanceof Model || this.#ready?.model.disposed === false) return "available";
    this.#can_run ??= getCapabilities().then(({ module }) => module !== undefined);
    if (!(await this.#can_run)) return "unavailable";
    if (this.#loading) return "downloading";
    return (await this.#is_here()) ? "available" : "downloadable";
  }

  /** Loads the model once for all; `onFraction` hears how much of a download is there. */
  async load(onFraction: OnFraction): Promise<ReadyModel> {
    if (this.#ready?.model.disposed === false) return this.#ready;
    this.#listeners.add(onFraction);
    this.#loading ??= this.#load().finally(() => {
      this.#loading = undefined;
    });
    try {
      this.#ready = await this.#loading;
      return this.#ready;
    } finally {
      this.#listeners.delete(onFraction);
    }
  }

  async #load(): Promise<ReadyModel> {
    const onProgress = (progress: LoadProgress) => {
      this.#options.onProgress?.(progress);
      const fraction = fraction_of(progress);
      if (fraction !== undefined) for (const tell of this.#listeners) tell(fraction);
    };
    const model = await this.#model(onProgress);
    return { model, meter: await Meter.of(model) };
  }

  #model(onProgress: (progress: LoadProgress) => void): Promise<Model> {
    const source = this.#source;
    if (source instanceof Model) return Promise.resolve(source);
    if (typeof source === "function") return source({ onProgress });
    return loadModel(source, { ...this.#options, onProgress });
  }

  /** Whether no network is needed to load it. */
  async #is_here(): Promise<boolean> {
    const source = this.#source;
    if (typeof source === "function" || source instanceof Model) return false;
    const { cache: given } = this.#options;
    const addresses = [source].flat().filter((part) => typeof part === "string" || part instanceof URL);
    if (addresses.length === 0) return true;
    if (given === false) return false;
    const cache = given instanceof ModelCache ? given : new ModelCache(given === true ? {} : given);
    try {
      const found = await Promise.all(addresses.map((address) => cache.has(address)));
      return found.every((there) => there);
    } catch (error) {
      if (error instanceof HearthError) return false;
      throw error;
    }
  }
}

/** Of a split model's download, whose parts come one after the other, as far as their names tell. */
function fraction_of({ stage, loaded, total, file = "" }: LoadProgress): number | undefined {
  if (stage !== "download" || !(total > 0)) return undefined;
  const [, part = 1, parts = 1] = (/-(\d{5})-of-(\d{5})\.gguf$/.exec(file) ?? []).map(Number);
  return (part - 1 + loaded / total) / parts;
}
