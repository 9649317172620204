// OpenAI's own client, for chat, completions and embeddings, as its documentation uses it.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import OpenAI from "openai";
import { zodFunction, zodResponseFormat } from "openai/helpers/zod";
import { z } from "zod";
import { model, serve, weatherParameters } from "./hearth.mjs";

let server;
let client;

before(async () => {
  server = await serve();
  client = new OpenAI({ baseURL: `${server.address}/v1`, apiKey: "none", maxRetries: 0 });
});
after(() => server.end());

const asked = (content, more = {}) => ({ model, temperature: 0, messages: [{ role: "user", content }], ...more });
const weather = { type: "function", function: { name: "weather", parameters: weatherParameters } };

test("answers a conversation", async () => {
  const { data, response } = await client.chat.completions.create(asked("What is 2+2?")).withResponse();
  assert.equal(data.choices[0].message.content, "2 + 2 = 4.");
  assert.equal(data.choices[0].finish_reason, "stop");
  assert.ok(response.headers.get("content-type").startsWith("application/json"));
});

test("streams an answer, chunk by chunk and by its helpers", async () => {
  let text = "";
  let usage;
  const more = { stream: true, stream_options: { include_usage: true } };
  for await (const chunk of await client.chat.completions.create(asked("What is 2+2?", more))) {
    text += chunk.choices[0]?.delta.content ?? "";
    usage = chunk.usage ?? usage;
  }
  assert.equal(text, "2 + 2 = 4.");
  assert.ok(usage.completion_tokens > 0);
  const contents = [];
  const stream = client.chat.completions.stream(asked("What is 2+2?")).on("content", (delta) => contents.push(delta));
  assert.equal(await stream.finalContent(), "2 + 2 = 4.");
  assert.equal(contents.join(""), "2 + 2 = 4.");
});

test("calls tools, streamed or not", async () => {
  const question = asked("What is the weather in Rome?", { tools: [weather], tool_choice: "required" });
  const { message } = (await client.chat.completions.create(question)).choices[0];
  assert.equal(message.tool_calls[0].function.name, "weather");
  assert.deepEqual(JSON.parse(message.tool_calls[0].function.arguments), { city: "Rome" });
  const streamed = await client.chat.completions.stream(question).finalMessage();
  assert.deepEqual(streamed.tool_calls[0].function, message.tool_calls[0].function);
});

test("runs tools that a schema of zod describes", async () => {
  const cities = [];
  const tool = zodFunction({
    name: "weather",
    parameters: z.object({ city: z.string() }),
    function: ({ city }) => {
      cities.push(city);
      return { temperature: 20, sky: "sunny" };
    },
  });
  const question = asked("What is the weather in Rome?", { tools: [tool] });
  const runner = client.chat.completions.runTools(question, { maxChatCompletions: 2 });
  await runner.done();
  assert.equal(cities[0], "Rome");
  assert.equal(runner.messages[2].role, "tool");
});

test("parses what a schema of zod asks for", async () => {
  const City = z.object({ city: z.enum(["Rome", "Oslo"]) });
  const format = { response_format: zodResponseFormat(City, "city") };
  const completion = await client.chat.completions.parse(asked("Name a city", format));
  assert.ok(["Rome", "Oslo"].includes(completion.choices[0].message.parsed.city));
});

test("completes a text", async () => {
  const completion = await client.completions.create({ model, prompt: "Once upon", max_tokens: 5, temperature: 0 });
  assert.equal(completion.choices[0].finish_reason, "length");
  let text = "";
  const more = { max_tokens: 5, temperature: 0, stream: true };
  for await (const chunk of await client.completions.create({ model, prompt: "Once upon", ...more })) {
    text += chunk.choices[0].text;
  }
  assert.equal(text, completion.choices[0].text);
});

test("makes embeddings, which it asks for in base64", async () => {
  const both = await client.embeddings.create({ model, input: ["a cat", "a dog"] });
  const floats = await client.embeddings.create({ model, input: "a cat", encoding_format: "float" });
  assert.equal(both.data.length, 2);
  const [got, expected] = [both.data[0].embedding, floats.data[0].embedding];
  assert.equal(got.length, expected.length);
  assert.ok(got.every((value, index) => Math.abs(value - expected[index]) < 1e-6));
});

test("lists models and finds one", async () => {
  const ids = [];
  for await (const entry of client.models.list()) ids.push(entry.id);
  assert.deepEqual(ids, [model]);
  assert.equal((await client.models.retrieve(model)).id, model);
  await assert.rejects(client.models.retrieve("nobody"), OpenAI.NotFoundError);
});

test("rejects with errors that name what is wrong", async () => {
  const wrong = client.chat.completions.create(asked("Hi", { temperature: "hot" }));
  await assert.rejects(wrong, (error) => {
    assert.ok(error instanceof OpenAI.BadRequestError);
    assert.deepEqual([error.param, error.code], ["temperature", "INVALID_ARGUMENT"]);
    return true;
  });
  const long = client.chat.completions.create(asked("word ".repeat(600), { stream: true }));
  await assert.rejects(long, OpenAI.BadRequestError);
});

test("leaves in the middle of a stream, and the next answer comes", async () => {
  const stream = await client.chat.completions.create(asked("Tell me a story", { stream: true, ignore_eos: true }));
  for await (const _ of stream) break;
  assert.ok(stream.controller.signal.aborted);
  const abort = new AbortController();
  const request = asked("Tell me a story", { ignore_eos: true });
  const answer = client.chat.completions.create(request, { signal: abort.signal });
  abort.abort();
  await assert.rejects(answer, OpenAI.APIUserAbortError);
  const after = await client.chat.completions.create(asked("What is 2+2?"));
  assert.equal(after.choices[0].message.content, "2 + 2 = 4.");
});

test("asks again behind a gateway that was busy", async () => {
  let asks = 0;
  const gateway = createServer(async (request, response) => {
    const body = await Array.fromAsync(request);
    asks += 1;
    if (asks === 1) return response.writeHead(503, { "Retry-After": "0" }).end();
    const headers = { "content-type": "application/json" };
    const answer = await fetch(server.address + request.url, { method: "POST", headers, body: Buffer.concat(body) });
    response.writeHead(answer.status, headers).end(await answer.text());
  });
  await new Promise((resolve) => gateway.listen(0, "127.0.0.1", resolve));
  const retrying = new OpenAI({ baseURL: `http://127.0.0.1:${gateway.address().port}/v1`, apiKey: "none" });
  const completion = await retrying.chat.completions.create(asked("What is 2+2?"));
  gateway.close();
  gateway.closeAllConnections();
  assert.equal(completion.choices[0].message.content, "2 + 2 = 4.");
  assert.equal(asks, 2);
});
