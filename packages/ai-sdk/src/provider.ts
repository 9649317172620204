/** The provider: what `ai` asks for models by name, and a function that takes a model or a name. */

import {
  type EmbeddingModelV4,
  type LanguageModelV4,
  NoSuchModelError,
  type ProviderV4,
  type RerankingModelV4,
} from "@ai-sdk/provider";
import { type Hearth, HearthError, type Model } from "@hearth/core";
import { HearthEmbeddingModel } from "./embedding_model.js";
import { HearthLanguageModel } from "./language_model.js";
import { HearthRerankingModel } from "./reranking_model.js";
import { LoadedOnUse, type LoadModel, loaded_model, type ModelSource, registered_model } from "./sources.js";

export interface HearthProviderOptions {
  /** Loads what an id names: `loadModel` of @hearth/node or @hearth/web. Without it ids are the names of `models` alone. */
  load?: LoadModel;
  /** Models by their ids: loaded ones, or sources that `load` takes when they are first used. */
  models?: Record<string, unknown>;
  /** Has the models instead, under its names; another id is a source that it loads. A `Hearth` of any package. */
  // biome-ignore lint/suspicious/noExplicitAny: each package's has sources and options of its own
  registry?: Hearth<any, any>;
}

/** Each takes an id, or a loaded model. */
export interface HearthProvider extends ProviderV4 {
  (model: string | Model): LanguageModelV4;
  languageModel(model: string | Model): LanguageModelV4;
  embeddingModel(model: string | Model): EmbeddingModelV4;
  rerankingModel(model: string | Model): RerankingModelV4;
  /** Throws NoSuchModelError: there are none. */
  imageModel(id: string): never;
  /** Gives back the models that it has loaded, and no others. */
  dispose(): Promise<void>;
}

type ModelKind = "languageModel" | "embeddingModel" | "rerankingModel" | "imageModel";

export function createHearth(options: HearthProviderOptions = {}): HearthProvider {
  const { load, models = {}, registry } = options;
  if (registry && (load || options.models)) {
    throw invalid("createHearth takes a registry, which loads by itself, or load and models");
  }
  const on_use = new Map<string, LoadedOnUse>();

  function source_of(kind: ModelKind, model: string | Model): ModelSource {
    if (is_model(model)) return loaded_model(model);
    if (typeof model !== "string") throw invalid("a model is an id, or what loadModel gives once it is awaited");
    if (registry) return registered_model(registry, model);
    const source: unknown = Object.hasOwn(models, model) ? models[model] : model;
    if (is_model(source)) return loaded_model(source);
    if (!load) throw no_such_model(model, kind, Object.keys(models));
    const loading = on_use.get(model) ?? new LoadedOnUse(model, (signal) => load(source, { signal }));
    on_use.set(model, loading);
    return loading;
  }

  const languageModel = (model: string | Model) => new HearthLanguageModel(source_of("languageModel", model));
  return Object.assign((model: string | Model) => languageModel(model), {
    specificationVersion: "v4" as const,
    languageModel,
    embeddingModel: (model: string | Model) => new HearthEmbeddingModel(source_of("embeddingModel", model)),
    rerankingModel: (model: string | Model) => new HearthRerankingModel(source_of("rerankingModel", model)),
    imageModel: (modelId: string) => {
      throw new NoSuchModelError({ modelId, modelType: "imageModel", message: "Hearth has no models of images" });
    },
    dispose: async () => {
      await Promise.all([...on_use.values()].map((source) => source.dispose()));
    },
  });
}

/** For models that are loaded already: `hearth(model)`. */
export const hearth: HearthProvider = createHearth();

/** Of whichever copy of @hearth/core: @hearth/web has one built in. */
function is_model(value: unknown): value is Model {
  return typeof value === "object" && value !== null && "engine" in value && "info" in value;
}

function no_such_model(modelId: string, modelType: ModelKind, names: string[]): NoSuchModelError {
  const there = names.length === 0 ? "it has no models" : `it has ${names.map((name) => `'${name}'`).join(", ")}`;
  const message = `this provider has no model '${modelId}' (${there}), and no load: createHearth({ load: loadModel }), or give it a loaded model`;
  return new NoSuchModelError({ modelId, modelType, message });
}

function invalid(message: string): HearthError {
  return new HearthError("INVALID_ARGUMENT", message);
}
