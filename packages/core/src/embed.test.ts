/** How many texts the engine gets at once, with one that counts their words. */

import { expect, test } from "vitest";
import { embed_texts, rerank_documents } from "./embed.js";
import type { EngineModel } from "./engine.js";

const long = "a ".repeat(5000);

function engine_that_counts() {
  const parts: number[][] = [];
  const engine = {
    embed: async (texts, _options, first = 0, all = 0) => {
      parts.push([first, texts.length, all]);
      return Float32Array.from(texts.map((text) => text.length));
    },
    rerank: async (_query, documents, first = 0, all = 0) => {
      parts.push([first, documents.length, all]);
      const ranked = documents.map((document, at) => ({ index: first + at, score: 1 / document.length }));
      return ranked.sort((one, other) => other.score - one.score);
    },
  } as Partial<EngineModel> as EngineModel;
  return { engine, parts };
}

test("long documents are reranked some at a time, and sorted together", async () => {
  const { engine, parts } = engine_that_counts();
  const ranked = await rerank_documents(engine, "which?", [`${long}!`, "short", long, "short", "the longer one"]);
  expect(parts).toEqual([
    [0, 2, 5],
    [2, 3, 5],
  ]);
  expect(ranked.map(({ index }) => index)).toEqual([1, 3, 4, 2, 0]);
});

test("a long query counts with each document", async () => {
  const { engine, parts } = engine_that_counts();
  await rerank_documents(engine, long, ["a", "b"]);
  expect(parts.length).toBe(2);
});

test("the engine hears of a query without documents, and refuses it where it cannot rerank", async () => {
  const { engine, parts } = engine_that_counts();
  expect(await rerank_documents(engine, "which?", [])).toEqual([]);
  expect(parts).toEqual([[0, 0, 0]]);
});

test("texts may be tokens, of which a part has fewer", async () => {
  const { engine, parts } = engine_that_counts();
  const tokens = Array.from({ length: 3000 }, (_, token) => token);
  const vectors = await embed_texts(engine, ["text", tokens, tokens], {});
  expect(vectors.map(([length]) => length)).toEqual([4, 3000, 3000]);
  expect(parts).toEqual([
    [0, 2, 3],
    [2, 1, 3],
  ]);
  await expect(embed_texts(engine, [[1.5]], {})).rejects.toThrow("text must be an array of tokens");
});
