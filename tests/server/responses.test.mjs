// OpenAI's own client, for the Responses API.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import OpenAI from "openai";
import { model, serve, weatherParameters } from "./hearth.mjs";

let server;
let client;

before(async () => {
  server = await serve();
  client = new OpenAI({ baseURL: `${server.address}/v1`, apiKey: "none", maxRetries: 0 });
});
after(() => server.end());

const asked = (input, more = {}) => ({ model, max_output_tokens: 60, temperature: 0, input, ...more });
const weather = { type: "function", name: "weather", parameters: weatherParameters, strict: false };

test("creates a response, and goes on in it", async () => {
  const response = await client.responses.create(asked("What is 2+2?"));
  assert.equal(response.output_text, "2 + 2 = 4.");
  assert.equal(response.status, "completed");
  const next = await client.responses.create(asked("What is 3+4?", { previous_response_id: response.id }));
  assert.ok(next.usage.input_tokens > response.usage.input_tokens);
  assert.equal((await client.responses.retrieve(response.id)).output_text, "2 + 2 = 4.");
  const items = [];
  for await (const item of client.responses.inputItems.list(next.id, { limit: 1 })) items.push(item.role);
  assert.deepEqual(items, ["user", "assistant", "user"]);
  await client.responses.delete(response.id);
  await assert.rejects(client.responses.retrieve(response.id), OpenAI.NotFoundError);
});

test("streams a response, event by event and by its helpers", async () => {
  let text = "";
  for await (const event of await client.responses.create(asked("What is 2+2?", { stream: true }))) {
    if (event.type === "response.output_text.delta") text += event.delta;
  }
  assert.equal(text, "2 + 2 = 4.");
  const stream = client.responses.stream(asked("What is 2+2?"));
  const snapshots = [];
  stream.on("response.output_text.delta", (event) => snapshots.push(event.snapshot));
  const response = await stream.finalResponse();
  assert.equal(snapshots.at(-1), "2 + 2 = 4.");
  assert.equal(response.output_text, "2 + 2 = 4.");
});

test("calls a function, whose output it answers to", async () => {
  const input = [{ role: "user", content: "What is the weather in Rome?" }];
  const called = await client.responses.stream(asked(input, { tools: [weather] })).finalResponse();
  const call = called.output.find((item) => item.type === "function_call");
  assert.deepEqual(JSON.parse(call.arguments), { city: "Rome" });
  input.push(call, { type: "function_call_output", call_id: call.call_id, output: '{"weather":"sunny"}' });
  assert.match((await client.responses.create(asked(input, { tools: [weather] }))).output_text, /in Rome/);
});

test("parses what is held to a schema", async () => {
  const schema = { type: "object", properties: { n: { const: 4 } }, required: ["n"], additionalProperties: false };
  const format = { type: "json_schema", name: "sum", schema, strict: true };
  const response = await client.responses.create(asked("What is 2+2?", { text: { format } }));
  assert.deepEqual(JSON.parse(response.output_text), { n: 4 });
});

test("counts the tokens of an input", async () => {
  const { input_tokens } = await client.responses.inputTokens.count({ model, input: "What is 2+2?" });
  assert.ok(input_tokens > 5);
});

test("stops where it is aborted", async () => {
  const stream = client.responses.stream(asked("Tell me a story.", { max_output_tokens: 400 }));
  stream.once("response.output_text.delta", () => stream.abort());
  await assert.rejects(stream.finalResponse(), OpenAI.APIUserAbortError);
});

test("throws the errors that it has a class for", async () => {
  await assert.rejects(client.responses.create({ ...asked("Hi"), model: "none" }), OpenAI.NotFoundError);
  await assert.rejects(client.responses.create(asked("Hi", { background: true })), (error) => {
    assert.ok(error instanceof OpenAI.BadRequestError);
    assert.equal(error.param, "background");
    return true;
  });
});
