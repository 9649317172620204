/** How the binding behaves: sources, progress, errors, several answers at once, cancelling, closing. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { type EngineModel, type EngineResult, HearthError, type ModuleName } from "@hearth/core";
import type { MemoryNeed } from "../src/choice/index.js";
import { open_model } from "../src/index.js";
import { demo_model, file_source, modules } from "./modules.js";

const any: ModuleName = modules[0] ?? "simd128";

function answer(
  model: EngineModel,
  tokens: Int32Array,
  options: object,
  onText?: (text: string, cancel: () => void) => void,
) {
  return new Promise<EngineResult & { text: string }>((resolve) => {
    let all = "";
    const cancel = model.generate(tokens, options, (text, result) => {
      all += text;
      onText?.(text, cancel);
      if (result) resolve({ ...result, text: all });
    });
  });
}

type Bounds = { bytes: number; limit: number };

const code = (expected: string) => (error: unknown) => error instanceof HearthError && error.code === expected;

for (const module of modules) {
  test(`${module}: opens a file that it reads and one in memory, which answer alike`, async () => {
    const stages: string[] = [];
    const source = file_source(demo_model);
    const read = await open_model(module, [source], { threads: 2, onProgress: ({ stage }) => stages.push(stage) });
    source.close();
    assert.deepEqual([...new Set(stages)], ["parse", "read", "initialize", "ready"]);
    assert.match(read.info.device, module === "simd128" ? /simd128.*1 thread/i : /relaxed.*2 threads/i);

    const bytes = new Uint8Array(readFileSync(demo_model));
    const held = await open_model(module, [{ name: "spark.gguf", bytes }]);
    const chat = JSON.stringify({ messages: [{ role: "user", content: "Hello" }] });
    const tokens = await read.chatTokens(chat);
    assert.deepEqual(await held.chatTokens(chat), tokens);
    const options = { temperature: 0, maxTokens: 12 };
    const [a, b] = await Promise.all([answer(read, tokens, options), answer(held, tokens, options)]);
    assert.equal(a.text, b.text);
    assert.equal(a.completionTokens, b.completionTokens);
    await read.dispose();
    await held.dispose();
  });
}

test("a cache that the memory cannot hold is refused before weights are read, with what is needed", async () => {
  const source = file_source(demo_model);
  await assert.rejects(open_model(any, [source], { cachePositions: 2e9 }), (error) => {
    assert.ok(error instanceof HearthError && error.code === "MODEL_TOO_LARGE", String(error));
    const { bytes, limit, weights, cache, activations } = error.details as unknown as MemoryNeed & Bounds;
    assert.equal(weights, source.size);
    assert.equal(bytes, weights + cache + activations);
    assert.ok(bytes > limit && cache > limit && activations > 0);
    return true;
  });
  assert.ok(source.bytesRead < source.size / 2);
  source.close();
});

test("a draft model is refused before anything is read", async () => {
  const source = file_source(demo_model);
  await assert.rejects(open_model(any, [source], { draft: "small.gguf" }), code("UNSUPPORTED"));
  assert.equal(source.bytesRead, 0);
  source.close();
});

test("a model larger than its memory limit answers as one that is all there", async () => {
  const whole = await open_model(any, [file_source(demo_model)]);
  const tokens = await whole.tokenize("Once upon a time", true, false);
  const options = { temperature: 0, maxTokens: 8 };
  const { text } = await answer(whole, tokens, options);
  await whole.dispose();

  const source = file_source(demo_model);
  const streamed = await open_model(any, [source], { threads: 2, memoryLimit: Math.floor(source.size * 0.8) });
  const read_before = source.bytesRead;
  assert.equal((await answer(streamed, tokens, options)).text, text);
  const { layersResident, bytesRead } = await streamed.statistics();
  assert.ok(layersResident < streamed.info.layerCount);
  assert.ok(bytesRead > 0 && source.bytesRead > read_before);

  // A file that has become unreadable ends the answer, not the engine.
  source.close();
  const { finishReason, error } = await answer(streamed, tokens, options);
  assert.equal(finishReason, "error");
  assert.equal(error?.code, "IO");
  await streamed.dispose();
});

test("what comes next is asked for before it is needed, and read into the same place", async () => {
  const file = file_source(demo_model);
  const asked = new Map<string, number>();
  const key = (offset: number, into: Uint8Array) => `${offset} to ${into.byteOffset}, ${into.length}`;
  let [ahead, reads, now] = [0, 0, 0];
  const source = {
    ...file,
    readAhead: (offset: number, into: Uint8Array) => void asked.set(key(offset, into), now++),
    read: (offset: number, into: Uint8Array) => {
      if (asked.delete(key(offset, into))) ahead += 1;
      reads += 1;
      return file.read(offset, into);
    },
  };
  const model = await open_model(any, [source], { memoryLimit: Math.floor(file.size * 0.8) });
  const tokens = await model.tokenize("Once upon a time", true, false);
  reads = 0;
  await answer(model, tokens, { temperature: 0, maxTokens: 8, ignoreEnd: true });
  assert.ok(now > 0 && ahead >= 0.8 * reads, `${ahead} of ${reads} reads were asked for before`);
  await model.dispose();
  assert.equal(asked.size, 0);
  file.close();
});

test("answers run side by side and end where they are cancelled", async () => {
  const model = await open_model(any, [file_source(demo_model)]);
  const tokens = await model.tokenize("Once upon a time", true, false);
  const [long, cut] = await Promise.all([
    answer(model, tokens, { temperature: 0, maxTokens: 20, ignoreEnd: true }),
    answer(model, tokens, { temperature: 0, maxTokens: 500, ignoreEnd: true }, (_, cancel) => cancel()),
  ]);
  assert.equal(long.finishReason, "length");
  assert.equal(long.completionTokens, 20);
  assert.equal(cut.finishReason, "cancelled");
  assert.ok(cut.completionTokens < 5);
  await model.dispose();
});

test("texts survive the way in and out", async () => {
  const model = await open_model(any, [file_source(demo_model)]);
  const text = "grüße, 世界 🌍";
  assert.equal(await model.detokenize(await model.tokenize(text, false, false), false), text);
  const embedding = await model.embed(["a cat"], { pooling: "mean" });
  assert.ok(Math.abs(Math.hypot(...embedding) - 1) < 1e-4);
  await model.dispose();
});

test("faults are HearthErrors with their code", async () => {
  await assert.rejects(
    open_model(any, [{ name: "x", bytes: new TextEncoder().encode("no model") }]),
    code("INVALID_MODEL"),
  );
  const unreadable = { name: "x", size: 1000, read: () => 0 };
  await assert.rejects(open_model(any, [unreadable]), code("IO"));

  const model = await open_model(any, [file_source(demo_model)]);
  await assert.rejects(model.detokenize(Int32Array.of(1 << 30), false), code("INVALID_ARGUMENT"));
  const { finishReason, error } = await answer(model, Int32Array.of(1), { temperature: -1 });
  assert.equal(finishReason, "error");
  assert.equal(error?.code, "INVALID_ARGUMENT");
  await model.dispose();
});

test("a closed model ends its answers and refuses more", async () => {
  const model = await open_model(any, [file_source(demo_model)], { threads: 2 });
  const tokens = await model.tokenize("Once", true, false);
  const going = answer(model, tokens, { maxTokens: 500, ignoreEnd: true });
  await model.dispose();
  assert.equal((await going).error?.code, "DISPOSED");
  await assert.rejects(model.tokenize("x", false, false), code("DISPOSED"));
  await model.dispose();
});
