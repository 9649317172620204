/** Hearth's models in the AI SDK: a provider for the npm package `ai`, of its specification's version 4. */

export type { HearthEmbeddingOptions } from "./embedding_model.js";
export {
  createHearth,
  type HearthProvider,
  type HearthProviderOptions,
  hearth,
} from "./provider.js";
export type { HearthGenerationOptions } from "./request.js";
export type { LoadModel } from "./sources.js";
