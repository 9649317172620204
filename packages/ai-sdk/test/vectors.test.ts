/** Vectors and rankings, by `ai`. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { hearth } from "@hearth/ai-sdk";
import { HearthError, Model } from "@hearth/node";
import { cosineSimilarity, embed, embedMany, rerank } from "ai";
import { load_spark } from "./models.js";

let spark: Model;

before(async () => {
  spark = await load_spark();
});
after(() => spark.dispose());

test("one vector, the same as Hearth's own, with the tokens that it took", async () => {
  const { embedding, usage, warnings } = await embed({ model: hearth.embeddingModel(spark), value: "a cat" });
  const own = await spark.embed("a cat");
  assert.deepEqual(embedding, Array.from(own));
  assert.equal(usage.tokens, (await spark.tokenize("a cat", { addSpecial: true })).length);
  assert.deepEqual(warnings, []);
});

test("many vectors, in order", async () => {
  const values = ["a cat", "What is 2+2?", "a cat"];
  const { embeddings } = await embedMany({ model: hearth.embeddingModel(spark), values });
  const [first = [], other = [], same = []] = embeddings;
  assert.ok(cosineSimilarity(first, same) > 0.9999);
  assert.ok(cosineSimilarity(first, other) < 0.99);
});

test("dimensions and pooling are Hearth's", async () => {
  const model = hearth.embeddingModel(spark);
  const { embedding } = await embed({
    model,
    value: "a cat",
    providerOptions: { hearth: { dimensions: 8, pooling: "last" } },
  });
  assert.deepEqual(embedding, Array.from(await spark.embed("a cat", { dimensions: 8, pooling: "last" })));
  assert.equal((await model.doEmbed({ values: ["a cat"], dimensions: 4 })).embeddings[0]?.length, 4);
  const wrong = embed({ model, value: "a cat", providerOptions: { hearth: { poling: "last" } } });
  await assert.rejects(wrong, /nearest is 'pooling'/);
});

test("an abort ends it", async () => {
  const values = Array.from({ length: 3000 }, (_, index) => `text number ${index}`);
  const controller = new AbortController();
  const all = embedMany({ model: hearth.embeddingModel(spark), values, abortSignal: controller.signal });
  controller.abort();
  await assert.rejects(all, { name: "AbortError" });
});

/** In place of a model with a classifier, which no test has: the longest document is the best. */
function ranks_by_length(): Model {
  const engine = {
    rerank: async (_query: string, documents: string[], first = 0) =>
      documents.map(({ length }, index) => ({ index: first + index, score: 1 - 1 / length })),
  };
  return new Model(engine as never, "ranks-by-length");
}

test("documents by their scores, texts or objects", async () => {
  const model = hearth.rerankingModel(ranks_by_length());
  const documents = ["a dog", "a sleeping cat", "cat"];
  const { ranking } = await rerank({ model, query: "what purrs?", documents, topN: 2 });
  const found = ranking.map(({ originalIndex, document }) => [originalIndex, document]);
  assert.deepEqual(found, [
    [1, "a sleeping cat"],
    [0, "a dog"],
  ]);
  const objects = { type: "object" as const, values: [{ text: "cat" }, { text: "a dog" }] };
  const { ranking: ranked, warnings } = await model.doRerank({ query: "what purrs?", documents: objects });
  assert.deepEqual([ranked[0]?.index, warnings?.[0]?.type], [1, "compatibility"]);
});

test("a model without a classifier says so", async () => {
  const ranked = rerank({ model: hearth.rerankingModel(spark), query: "what purrs?", documents: ["a cat"] });
  await assert.rejects(ranked, (error) => error instanceof HearthError && error.code === "UNSUPPORTED");
});
