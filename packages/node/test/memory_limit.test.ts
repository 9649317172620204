/** A model in less memory than it has bytes. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { generateText, Hearth, loadModel } from "@hearth/node";

const path = fileURLToPath(new URL("../../../../models/hearth-spark.gguf", import.meta.url));

test("a memoryLimit changes where weights are, not what comes out", async () => {
  const whole = await loadModel(path, { threads: 1 });
  const { layersResident, bytesRead } = await whole.statistics();
  assert.deepEqual([layersResident, bytesRead], [whole.info.layerCount, 0]);
  const memoryLimit = Math.ceil(whole.info.fileSize * 0.8);
  const part = await loadModel(path, { threads: 1, memoryLimit });
  const ask = { prompt: "Tell me a story", temperature: 0, maxTokens: 30 };
  assert.equal((await generateText({ model: part, ...ask })).text, (await generateText({ model: whole, ...ask })).text);
  const statistics = await part.statistics();
  assert.ok(statistics.layersResident < whole.info.layerCount && statistics.bytesRead > 0 && statistics.waitMs >= 0);
  await Promise.all([whole.dispose(), part.dispose()]);
});

test("a registry counts what a memoryLimit leaves of a model", async () => {
  const hearth = new Hearth({ memoryBudget: 1 });
  await assert.rejects(hearth.loadModel(path, "whole"), { code: "OUT_OF_MEMORY" });
  const model = await loadModel(path);
  const { fileSize, cacheBytes } = model.info;
  await model.dispose();
  const memoryLimit = Math.ceil(fileSize * 0.8);
  const roomy = new Hearth({ memoryBudget: memoryLimit + cacheBytes });
  await roomy.loadModel(path, "part", { memoryLimit });
  assert.equal(roomy.getModels()[0]?.memory, memoryLimit + cacheBytes);
  await roomy.dispose();
});

test("a registry counts a draft model, too", async () => {
  const whole = (draft?: string) => loadModel(path, { threads: 1, contextSize: 512, draft });
  const [alone, drafted] = [await whole(), await whole(path)];
  const { fileSize, cacheBytes, draftBytes } = drafted.info;
  assert.equal(alone.info.draftBytes, 0);
  assert.equal(draftBytes, fileSize + cacheBytes);
  const ask = { prompt: "What is 37 + 48?", temperature: 0, maxTokens: 30 };
  const { text, usage } = await generateText({ model: drafted, ...ask });
  assert.equal(text, (await generateText({ model: alone, ...ask })).text);
  assert.ok(usage.acceptedTokens > 0);
  await Promise.all([alone.dispose(), drafted.dispose()]);
  const hearth = new Hearth({ memoryBudget: fileSize + cacheBytes });
  await assert.rejects(hearth.loadModel(path, "both", { contextSize: 512, draft: path }), { code: "OUT_OF_MEMORY" });
});

test("a memoryLimit too small, and one for a model that lies in memory anyway", async () => {
  await assert.rejects(loadModel(path, { memoryLimit: 1000 }), { code: "OUT_OF_MEMORY", message: /bytes/ });
  await assert.rejects(loadModel(readFileSync(path), { memoryLimit: 1e9 }), { code: "INVALID_ARGUMENT" });
});
