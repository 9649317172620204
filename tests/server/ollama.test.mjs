// Ollama's own client.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Ollama } from "ollama";
import { model, serve, weatherParameters } from "./hearth.mjs";

let server;
let client;

before(async () => {
  server = await serve();
  client = new Ollama({ host: server.address });
});
after(() => server.end());

const options = { temperature: 0 };
const chat = (content, more = {}) => ({ model, options, messages: [{ role: "user", content }], ...more });
const weather = {
  type: "function",
  function: { name: "weather", description: "Tells the weather", parameters: weatherParameters },
};

test("chats", async () => {
  const { message, done, done_reason } = await client.chat(chat("What is 2+2?"));
  assert.equal(message.content, "2 + 2 = 4.");
  assert.deepEqual([done, done_reason], [true, "stop"]);
  let text = "";
  for await (const part of await client.chat(chat("What is 2+2?", { stream: true }))) text += part.message.content;
  assert.equal(text, "2 + 2 = 4.");
});

test("generates, and goes on in what was said", async () => {
  const answer = await client.generate({ model, prompt: "What is 2+2?", options });
  assert.equal(answer.response, "2 + 2 = 4.");
  let last;
  const stream = await client.generate({ model, prompt: "And 3+4?", options, context: answer.context, stream: true });
  for await (const part of stream) last = part;
  assert.equal(last.done, true);
  assert.ok(last.prompt_eval_count > answer.context.length);
});

test("calls a tool, whose result it answers to", async () => {
  const request = chat("What is the weather in Rome?", { tools: [weather] });
  const { message } = await client.chat(request);
  assert.deepEqual(message.tool_calls[0].function.arguments, { city: "Rome" });
  const result = { role: "tool", tool_name: "weather", content: '{"weather":"sunny"}' };
  const answer = await client.chat({ ...request, messages: [...request.messages, message, result] });
  assert.match(answer.message.content, /in Rome/);
});

test("holds an answer to a schema", async () => {
  const format = { type: "object", properties: { n: { const: 4 } }, required: ["n"], additionalProperties: false };
  assert.deepEqual(JSON.parse((await client.chat(chat("What is 2+2?", { format }))).message.content), { n: 4 });
});

test("embeds", async () => {
  const { embeddings } = await client.embed({ model, input: ["a cat", "a dog"] });
  assert.equal(embeddings.length, 2);
  assert.equal(embeddings[0].length, (await client.embeddings({ model, prompt: "a cat" })).embedding.length);
});

test("lists and shows models", async () => {
  const { models } = await client.list();
  assert.equal(models[0].name, `${model}:latest`);
  assert.ok((await client.ps()).models.length > 0);
  const shown = await client.show({ model });
  assert.equal(shown.details.family, "llama");
  assert.ok(shown.capabilities.includes("tools"));
  assert.match((await client.version()).version, /^\d/);
});

test("stops where it is aborted", async () => {
  const stream = await client.generate({ model, prompt: "Tell me a story.", stream: true });
  await assert.rejects(
    async () => {
      for await (const _ of stream) stream.abort();
    },
    { name: "AbortError" },
  );
});

test("throws errors with what the server says", async () => {
  await assert.rejects(client.chat(chat("Hi", { model: "none" })), (error) => {
    assert.equal(error.status_code, 404);
    assert.match(error.message, /none/);
    return true;
  });
  await assert.rejects(client.copy({ source: model, destination: "other" }), { status_code: 501 });
});
