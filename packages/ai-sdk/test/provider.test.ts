/** Where a provider's models come from. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { EmbeddingModelV4, LanguageModelV4, ProviderV4, RerankingModelV4 } from "@ai-sdk/provider";
import { createHearth, hearth } from "@hearth/ai-sdk";
import { Hearth, HearthError, loadModel, type Model } from "@hearth/node";
import { createProviderRegistry, generateText, type LanguageModel, NoSuchModelError } from "ai";
import { load_spark, spark_path } from "./models.js";

const question = { temperature: 0, prompt: "What is 2+2?" };
const right = "2 + 2 = 4.";

test("its types are the specification's", async () => {
  const model = await load_spark();
  hearth satisfies ProviderV4;
  hearth(model) satisfies LanguageModelV4 & LanguageModel;
  hearth.embeddingModel(model) satisfies EmbeddingModelV4;
  hearth.rerankingModel(model) satisfies RerankingModelV4;
  assert.equal(hearth.languageModel(model).specificationVersion, "v4");
  await model.dispose();
});

test("a source is loaded when it is first used, once, and given back", async () => {
  const loaded: Promise<Model>[] = [];
  const load = (source: string) => {
    const model = loadModel(source, { threads: 1 });
    loaded.push(model);
    return model;
  };
  const provider = createHearth({ load, models: { spark: spark_path } });
  const model = provider("spark");
  assert.equal(loaded.length, 0);
  const answers = await Promise.all([
    generateText({ ...question, model }),
    generateText({ ...question, model: provider.languageModel("spark") }),
  ]);
  assert.deepEqual(
    answers.map(({ text }) => text),
    [right, right],
  );
  assert.equal(loaded.length, 1);
  assert.equal(answers[0].response.modelId, "spark");
  await provider.dispose();
  assert.equal((await loaded[0])?.disposed, true);
  await generateText({ ...question, model });
  assert.equal(loaded.length, 2, "it comes back when it is used again");
  await provider.dispose();
  assert.equal((await loaded[1])?.disposed, true);
});

test("a source that cannot be loaded says so, and is tried again", async () => {
  let path = "/nowhere.gguf";
  const provider = createHearth({ load: () => loadModel(path, { threads: 1 }) });
  const failed = generateText({ ...question, model: provider("any") });
  await assert.rejects(failed, (error) => error instanceof HearthError && error.code === "NOT_FOUND");
  path = spark_path;
  assert.equal((await generateText({ ...question, model: provider("any") })).text, right);
  await provider.dispose();
});

test("loading ends when the last call that waits for it is aborted", async () => {
  const signals: AbortSignal[] = [];
  const load = (_: string, { signal }: { signal?: AbortSignal }) => {
    signals.push(signal as AbortSignal);
    return new Promise<Model>((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
  };
  const model = createHearth({ load })("any");
  const [first, second] = [new AbortController(), new AbortController()];
  const calls = [first, second].map(({ signal }) => generateText({ ...question, model, abortSignal: signal }));
  const ends = Promise.all(calls.map((call) => assert.rejects(call, { name: "AbortError" })));
  await new Promise((resolve) => setTimeout(resolve, 20));
  first.abort();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.deepEqual(
    signals.map(({ aborted }) => aborted),
    [false],
  );
  second.abort();
  await ends;
  assert.deepEqual(
    signals.map(({ aborted }) => aborted),
    [true],
  );
});

test("a registry's models have its names, and are not unloaded while they answer", async () => {
  const registry = new Hearth();
  await registry.loadModel(spark_path, "spark", { threads: 1 });
  const provider = createHearth({ registry });
  const answer = generateText({ ...question, model: provider("spark") });
  await new Promise(setImmediate);
  assert.equal(registry.getModels()[0]?.active, 1);
  assert.equal((await answer).text, right);
  await provider.dispose();
  assert.ok(registry.isModelLoaded("spark"), "the registry's own business");
  const none = generateText({ ...question, model: provider("nobody") });
  await assert.rejects(none, (error) => error instanceof HearthError && error.code === "NOT_FOUND");
  await registry.dispose();
});

test("ids that stand for nothing are NoSuchModelErrors", async () => {
  assert.throws(
    () => hearth("spark"),
    (error) => NoSuchModelError.isInstance(error) && /load/.test(error.message),
  );
  assert.throws(() => hearth.imageModel("x"), NoSuchModelError.isInstance);
  const model = await load_spark();
  assert.throws(() => createHearth({ models: { spark: model } }).embeddingModel("sparc"), /'spark'/);
  assert.throws(() => createHearth({ registry: new Hearth(), load: loadModel }), HearthError);
  assert.throws(() => hearth(Promise.resolve(model) as never), /awaited/);
  await model.dispose();
});

test("it works among other providers, by their registry", async () => {
  const model = await load_spark();
  const all = createProviderRegistry({ hearth: createHearth({ models: { spark: model } }) });
  assert.equal((await generateText({ ...question, model: all.languageModel("hearth:spark") })).text, right);
  await model.dispose();
});
