/** A reranking model of the AI SDK's specification, on a model of Hearth that is made for it. */

import type {
  RerankingModelV4,
  RerankingModelV4CallOptions,
  RerankingModelV4Result,
  SharedV4Warning,
} from "@ai-sdk/provider";
import { response_metadata } from "./answer.js";
import { own_options } from "./request.js";
import type { ModelSource } from "./sources.js";

export class HearthRerankingModel implements RerankingModelV4 {
  readonly specificationVersion = "v4";
  readonly provider = "hearth";
  readonly modelId: string;
  readonly #source: ModelSource;

  constructor(source: ModelSource) {
    this.modelId = source.id;
    this.#source = source;
  }

  async doRerank(call: RerankingModelV4CallOptions): Promise<RerankingModelV4Result> {
    const { documents, query, topN, abortSignal, providerOptions } = call;
    const [unknown] = Object.keys(providerOptions?.hearth ?? {});
    own_options(providerOptions?.hearth, unknown === undefined ? [] : [unknown]);
    const warnings: SharedV4Warning[] = [];
    let texts: string[];
    if (documents.type === "text") texts = documents.values;
    else {
      texts = documents.values.map((value) => JSON.stringify(value));
      warnings.push({
        type: "compatibility",
        feature: "documents that are objects",
        details: "the model reads them as JSON",
      });
    }
    const { done } = await this.#source.use((model) => ({ done: model.rerank(query, texts) }), abortSignal);
    const ranked = await done;
    abortSignal?.throwIfAborted();
    const ranking = ranked.slice(0, topN).map(({ index, score }) => ({ index, relevanceScore: score }));
    return { ranking, warnings, response: response_metadata(this.modelId) };
  }
}
