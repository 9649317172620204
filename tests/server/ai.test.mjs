// The AI SDK by way of its provider for servers that speak OpenAI's API.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { embedMany, generateText, Output, stepCountIs, streamText, tool } from "ai";
import { z } from "zod";
import { model, serve } from "./hearth.mjs";

let server;
let hearth;

before(async () => {
  server = await serve();
  hearth = createOpenAICompatible({
    name: "hearth",
    baseURL: `${server.address}/v1`,
    includeUsage: true,
    supportsStructuredOutputs: true,
  });
});
after(() => server.end());

const asked = (prompt, more = {}) => ({ model: hearth(model), temperature: 0, maxRetries: 0, prompt, ...more });

test("generates text", async () => {
  const { text, finishReason, usage } = await generateText(asked("What is 2+2?"));
  assert.equal(text, "2 + 2 = 4.");
  assert.equal(finishReason, "stop");
  assert.ok(usage.inputTokens > 0 && usage.outputTokens > 0);
});

test("streams text", async () => {
  const result = streamText(asked("What is 2+2?"));
  let text = "";
  for await (const piece of result.textStream) text += piece;
  assert.equal(text, "2 + 2 = 4.");
  assert.ok((await result.usage).outputTokens > 0);
});

test("runs tools, streamed or not", async () => {
  const cities = [];
  const weather = tool({
    description: "Tells the weather",
    inputSchema: z.object({ city: z.string() }),
    execute: async ({ city }) => {
      cities.push(city);
      return { sky: "sunny" };
    },
  });
  const more = { tools: { weather }, stopWhen: stepCountIs(1) };
  const { toolResults } = await generateText(asked("What is the weather in Rome?", more));
  assert.deepEqual(toolResults[0].output, { sky: "sunny" });
  await streamText(asked("What is the weather in Rome?", more)).consumeStream();
  assert.deepEqual(cities, ["Rome", "Rome"]);
});

test("generates an object of a schema", async () => {
  const schema = z.object({ city: z.enum(["Rome", "Oslo"]) });
  const { output } = await generateText(asked("Name a city", { output: Output.object({ schema }) }));
  assert.ok(["Rome", "Oslo"].includes(output.city));
});

test("embeds texts", async () => {
  const { embeddings } = await embedMany({ model: hearth.embeddingModel(model), values: ["a cat", "a dog"] });
  assert.equal(embeddings.length, 2);
  assert.ok(embeddings[0].length > 1);
});

test("rejects with what the server says", async () => {
  const none = generateText({ model: hearth("nobody"), prompt: "Hi", maxRetries: 0 });
  await assert.rejects(none, (error) => error.statusCode === 404 && error.message.includes("nobody"));
});
