/** An embedding model of the AI SDK's specification, on a model of Hearth. */

import type { EmbeddingModelV4, EmbeddingModelV4CallOptions, EmbeddingModelV4Result } from "@ai-sdk/provider";
import type { EmbeddingOptions, Model } from "@hearth/core";
import { failure } from "./answer.js";
import { own_options } from "./request.js";
import type { ModelSource } from "./sources.js";

/** `providerOptions.hearth` of a call that embeds. */
export type HearthEmbeddingOptions = EmbeddingOptions;

export class HearthEmbeddingModel implements EmbeddingModelV4 {
  readonly specificationVersion = "v4";
  readonly provider = "hearth";
  readonly modelId: string;
  /** Hearth itself takes many texts in parts that fit its batches. */
  readonly maxEmbeddingsPerCall = Infinity;
  readonly supportsParallelCalls = true;
  readonly #source: ModelSource;

  constructor(source: ModelSource) {
    this.modelId = source.id;
    this.#source = source;
  }

  async doEmbed(call: EmbeddingModelV4CallOptions): Promise<EmbeddingModelV4Result> {
    const { values, abortSignal, dimensions, providerOptions } = call;
    const own: EmbeddingOptions = own_options(providerOptions?.hearth, ["signal", "onProgress"]);
    const options = { dimensions, ...own, signal: abortSignal };
    try {
      const { done } = await this.#source.use((model) => ({ done: embed(model, values, options) }), abortSignal);
      return { ...(await done), warnings: [] };
    } catch (error) {
      throw failure(error, abortSignal);
    }
  }
}

/** From tokens, so that they are counted without being made twice. */
async function embed(model: Model, values: string[], options: EmbeddingOptions & { signal?: AbortSignal }) {
  const tokens = await Promise.all(values.map((value) => model.tokenize(value, { addSpecial: true })));
  const vectors = await model.embed(tokens, options);
  return {
    embeddings: vectors.map((vector) => Array.from(vector)),
    usage: { tokens: tokens.reduce((sum, { length }) => sum + length, 0) },
  };
}
