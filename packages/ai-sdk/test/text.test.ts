/** Text, by `ai`'s generateText and streamText. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { hearth } from "@hearth/ai-sdk";
import { HearthError, generateText as hearth_text, loadModel, type Model } from "@hearth/node";
import { generateText, streamText, UnsupportedFunctionalityError } from "ai";
import { load_spark, load_thinking, stories_are_missing, stories_path } from "./models.js";

let spark: Model;
let thinking: Model;

before(async () => {
  [spark, thinking] = await Promise.all([load_spark(), load_thinking()]);
});
after(() => Promise.all([spark.dispose(), thinking.dispose()]));

const asked = (prompt: string) => ({ model: hearth(spark), temperature: 0, prompt });

/** Options of an answer that ends only when it is made to. */
const endless = { hearth: { ignoreEnd: true, keepTokens: 0 } };

/** The types of a stream's parts, each run of the same as one. */
async function types_of(parts: AsyncIterable<{ type: string }>): Promise<string[]> {
  const types: string[] = [];
  for await (const { type } of parts) if (types.at(-1) !== type) types.push(type);
  return types;
}

/** Until nothing is computed any more, and nothing waits for a reader. */
async function until_rest(model: Model): Promise<void> {
  for (let before = -1; ; ) {
    const { steps, held } = await model.statistics();
    if (steps === before && held === 0) return;
    before = steps;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test("generates text, with its usage and what Hearth tells besides", async () => {
  // The cache is shared by pages, so that little is not found again.
  const instructions = "You answer in one short sentence. ".repeat(10);
  await generateText({ ...asked("What is 2+2?"), instructions });
  const result = await generateText({ ...asked("What is 2+2?"), instructions });
  assert.match(result.text, /\d/);
  assert.deepEqual([result.finishReason, result.rawFinishReason], ["stop", "stop"]);
  const { inputTokens = 0, inputTokenDetails, outputTokens = 0 } = result.usage;
  assert.ok(outputTokens > 5);
  const { cacheReadTokens = 0, noCacheTokens } = inputTokenDetails;
  assert.ok(cacheReadTokens > 0, "the same prompt is in the cache the second time");
  assert.equal(noCacheTokens, inputTokens - cacheReadTokens);
  assert.equal(result.response.modelId, spark.id);
  assert.equal(typeof result.providerMetadata?.hearth?.seed, "number");
  assert.deepEqual(result.warnings, []);
});

test("streams the same text in pieces", async () => {
  const result = streamText(asked("What is Hearth?"));
  const pieces: string[] = [];
  for await (const piece of result.textStream) pieces.push(piece);
  assert.ok(pieces.length > 3);
  assert.equal(pieces.join(""), (await generateText(asked("What is Hearth?"))).text);
  assert.ok(((await result.usage).outputTokens ?? 0) >= pieces.length);
});

test("the parts of a stream come in the specification's order", async () => {
  const call = { prompt: [{ role: "user" as const, content: [{ type: "text" as const, text: "What is 2+2?" }] }] };
  const { stream } = await hearth(spark).doStream({ ...call, temperature: 0 });
  const parts = await types_of(stream as unknown as AsyncIterable<{ type: string }>);
  assert.deepEqual(parts, ["stream-start", "response-metadata", "text-start", "text-delta", "text-end", "finish"]);
});

test("what a model thinks is its reasoning, whole and in pieces", async () => {
  const options = { model: hearth(thinking), temperature: 0, prompt: "What is 2+2?", maxOutputTokens: 8 };
  const { reasoningText = "", text } = await generateText(options);
  assert.notEqual(reasoningText, "");
  assert.equal(text, "");
  const streamed = streamText(options);
  const types = await types_of(streamed.fullStream);
  assert.equal(await streamed.reasoningText, reasoningText);
  const own = types.filter((type) => type.startsWith("reasoning"));
  assert.deepEqual(own, ["reasoning-start", "reasoning-delta", "reasoning-end"]);
});

test("reasoning: 'none' keeps a model from thinking", async () => {
  const options = { model: hearth(thinking), temperature: 0, prompt: "What is 2+2?", maxOutputTokens: 20 };
  const { reasoningText = "", text } = await generateText({ ...options, reasoning: "none" });
  assert.equal(reasoningText, "");
  assert.notEqual(text, "");
});

test("system messages and earlier turns reach the model as they are", async () => {
  const messages = [
    { role: "user" as const, content: "What is 1+1?" },
    { role: "assistant" as const, content: "1 + 1 = 2." },
    { role: "user" as const, content: [{ type: "text" as const, text: "What is 2+2?" }] },
  ];
  const { usage } = await generateText({ model: hearth(spark), temperature: 0, instructions: "Be kind", messages });
  const same = [{ role: "system", content: "Be kind" }, ...messages].map(({ role, content }) => ({
    role,
    content: typeof content === "string" ? content : (content[0]?.text ?? ""),
  }));
  assert.equal(usage.inputTokens, await spark.countTokens(same));
});

test("options mean what they mean to Hearth", async () => {
  const { finishReason } = await generateText({ ...asked("Tell me a story"), maxOutputTokens: 3 });
  assert.equal(finishReason, "length");
  const { text } = await generateText({ ...asked("What is 2+2?"), stopSequences: [" ="] });
  assert.equal(text, "2 + 2");
  const drawn = { ...asked("Tell me a story"), temperature: 2, topK: 0, topP: 1, maxOutputTokens: 20 };
  const texts = await Promise.all([7, 7, 8].map(async (seed) => (await generateText({ ...drawn, seed })).text));
  assert.equal(texts[0], texts[1]);
  assert.notEqual(texts[0], texts[2]);
});

test("providerOptions.hearth takes Hearth's other options, and refuses what is none", async () => {
  const answer = (options: Record<string, never>) =>
    generateText({ ...asked("Name a city"), providerOptions: { hearth: options } });
  assert.equal((await answer({ choices: ["Oslo"] } as never)).text, "Oslo");
  const nearest = (error: unknown) => error instanceof HearthError && error.message.includes("nearest is 'minP'");
  await assert.rejects(answer({ minp: 0.1 } as never), nearest);
  await assert.rejects(answer({ messages: [] } as never), /providerOptions.hearth.messages/);
  await assert.rejects(answer({ templateVariables: "x" } as never), /templateVariables must be an object/);
  await assert.rejects(answer({ minP: 7 } as never), /minP must be a number from 0 to 1/);
});

test("an image is refused by name", async () => {
  const content = [
    { type: "text" as const, text: "What is this?" },
    { type: "file" as const, mediaType: "image/png", data: new Uint8Array([137, 80, 78, 71]) },
  ];
  await assert.rejects(generateText({ model: hearth(spark), messages: [{ role: "user", content }] }), (error) => {
    return (
      UnsupportedFunctionalityError.isInstance(error) && /image\/png/.test(error.message) && /user/.test(error.message)
    );
  });
});

test("an abort in the middle ends the stream, and the engine's work with it", async () => {
  const controller = new AbortController();
  const options = { ...asked("Tell me a story"), providerOptions: endless };
  const aborts: unknown[] = [];
  const result = streamText({
    ...options,
    abortSignal: controller.signal,
    onAbort: (event) => void aborts.push(event),
  });
  for await (const piece of result.textStream) if (piece !== "") controller.abort();
  assert.equal(aborts.length, 1);
  await until_rest(spark);
});

test("an aborted generateText rejects with the signal's reason", async () => {
  const options = { ...asked("Tell me a story"), providerOptions: endless };
  const late = generateText({ ...options, abortSignal: AbortSignal.timeout(50) });
  await assert.rejects(late, { name: "TimeoutError" });
  const reason = new Error("enough");
  await assert.rejects(generateText({ ...options, abortSignal: AbortSignal.abort(reason) }), reason);
});

test("whoever stops reading a stream ends the answer", async () => {
  const call = { prompt: [{ role: "user" as const, content: [{ type: "text" as const, text: "Tell me a story" }] }] };
  const { stream } = await hearth(spark).doStream({ ...call, providerOptions: endless });
  const reader = stream.getReader();
  await reader.read();
  await reader.cancel();
  await until_rest(spark);
});

test("errors are Hearth's own, with their codes, whole and in a stream", async () => {
  const long = asked("word ".repeat(20_000));
  const overflow = (error: unknown) => error instanceof HearthError && error.code === "CONTEXT_OVERFLOW";
  await assert.rejects(generateText(long), overflow);
  const errors: unknown[] = [];
  const result = streamText({ ...long, onError: ({ error }) => void errors.push(error) });
  await result.consumeStream();
  assert.ok(overflow(errors[0]));
});

test("a model without a chat template of its own answers, too", { skip: stories_are_missing }, async () => {
  const stories = await loadModel(stories_path, { threads: 1 });
  const { text } = await generateText({ model: hearth(stories), temperature: 0, prompt: "Lily", maxOutputTokens: 20 });
  const own = await hearth_text({ model: stories, temperature: 0, prompt: "Lily", maxTokens: 20 });
  assert.equal(text, own.text);
  assert.notEqual(text, "");
  await stories.dispose();
});
