// Anthropic's own client.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import Anthropic from "@anthropic-ai/sdk";
import { model, serve, weatherParameters } from "./hearth.mjs";

let server;
let client;

before(async () => {
  server = await serve();
  client = new Anthropic({ baseURL: server.address, apiKey: "none", maxRetries: 0 });
});
after(() => server.end());

const asked = (content, more = {}) => ({
  model,
  max_tokens: 60,
  temperature: 0,
  messages: [{ role: "user", content }],
  ...more,
});
const weather = { name: "weather", description: "Tells the weather", input_schema: weatherParameters };

test("creates a message", async () => {
  const message = await client.messages.create(asked("What is 2+2?", { system: "Be brief." }));
  assert.equal(message.role, "assistant");
  assert.deepEqual(message.content, [{ type: "text", text: message.content[0].text }]);
  assert.equal(message.stop_reason, "end_turn");
  assert.match(message._request_id, /^req_/);
  assert.ok(message.usage.input_tokens + message.usage.cache_read_input_tokens > 0);
});

test("streams a message, event by event and by its helpers", async () => {
  let text = "";
  for await (const event of await client.messages.create(asked("What is 2+2?", { stream: true }))) {
    if (event.type === "content_block_delta" && event.delta.type === "text_delta") text += event.delta.text;
  }
  assert.equal(text, "2 + 2 = 4.");
  const stream = client.messages.stream(asked("What is 2+2?"));
  const pieces = [];
  stream.on("text", (piece) => pieces.push(piece));
  const message = await stream.finalMessage();
  assert.equal(pieces.join(""), "2 + 2 = 4.");
  assert.equal(message.content[0].text, "2 + 2 = 4.");
  assert.equal(message.usage.output_tokens, 8);
});

test("calls a tool, whose result it answers to", async () => {
  const question = { role: "user", content: "What is the weather in Rome?" };
  const request = { ...asked(""), tools: [weather] };
  const called = await client.messages.stream({ ...request, messages: [question] }).finalMessage();
  assert.equal(called.stop_reason, "tool_use");
  const call = called.content.find((block) => block.type === "tool_use");
  assert.deepEqual(call.input, { city: "Rome" });
  const result = { type: "tool_result", tool_use_id: call.id, content: '{"weather":"sunny"}' };
  const answer = await client.messages.create({
    ...request,
    messages: [question, { role: "assistant", content: called.content }, { role: "user", content: [result] }],
  });
  assert.match(answer.content[0].text, /in Rome/);
});

test("counts tokens", async () => {
  const { max_tokens: _, temperature: __, ...counted } = asked("What is 2+2?");
  assert.ok((await client.messages.countTokens(counted)).input_tokens > 5);
});

test("lists models", async () => {
  const models = [];
  for await (const listed of client.models.list()) models.push([listed.type, listed.id]);
  assert.deepEqual(models, [["model", model]]);
  assert.equal((await client.models.retrieve(model)).display_name, model);
});

test("holds an answer to a schema", async () => {
  const schema = { type: "object", properties: { n: { const: 4 } }, required: ["n"], additionalProperties: false };
  const config = { format: { type: "json_schema", schema } };
  const message = await client.messages.create(asked("What is 2+2?", { output_config: config }));
  assert.deepEqual(JSON.parse(message.content[0].text), { n: 4 });
});

test("stops where it is aborted", async () => {
  const stream = client.messages.stream(asked("Tell me a story.", { max_tokens: 400 }));
  stream.once("text", () => stream.abort());
  await assert.rejects(stream.finalMessage(), Anthropic.APIUserAbortError);
});

test("throws the errors that it has a class for", async () => {
  await assert.rejects(client.messages.create({ ...asked("Hi"), model: "none" }), Anthropic.NotFoundError);
  await assert.rejects(client.messages.create(asked("Hi", { temperature: 7 })), (error) => {
    assert.ok(error instanceof Anthropic.BadRequestError);
    assert.equal(error.error.error.type, "invalid_request_error");
    assert.match(error.requestID, /^req_/);
    assert.equal(error.error.request_id, error.requestID);
    return true;
  });
});
