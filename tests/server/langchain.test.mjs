// LangChain's ChatOpenAI and OpenAIEmbeddings.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { tool } from "@langchain/core/tools";
import { ChatOpenAI, OpenAIEmbeddings } from "@langchain/openai";
import { z } from "zod";
import { model, serve } from "./hearth.mjs";

let server;
let chat;
let connection;

before(async () => {
  server = await serve();
  connection = { apiKey: "none", maxRetries: 0, configuration: { baseURL: `${server.address}/v1` } };
  chat = new ChatOpenAI({ model, temperature: 0, ...connection });
});
after(() => server.end());

test("answers", async () => {
  const answer = await chat.invoke("What is 2+2?");
  assert.equal(answer.content, "2 + 2 = 4.");
  assert.ok(answer.usage_metadata.output_tokens > 0);
});

test("streams", async () => {
  let text = "";
  for await (const chunk of await chat.stream("What is 2+2?")) text += chunk.content;
  assert.equal(text, "2 + 2 = 4.");
});

test("binds tools", async () => {
  const weather = tool(async () => "sunny", {
    name: "weather",
    description: "Tells the weather",
    schema: z.object({ city: z.string() }),
  });
  const answer = await chat.bindTools([weather]).invoke("What is the weather in Rome?");
  assert.deepEqual(answer.tool_calls[0].args, { city: "Rome" });
});

test("gives structured output", async () => {
  const City = z.object({ city: z.enum(["Rome", "Oslo"]) });
  const answer = await chat.withStructuredOutput(City, { method: "jsonSchema" }).invoke("Name a city");
  assert.ok(["Rome", "Oslo"].includes(answer.city));
});

test("embeds", async () => {
  const embeddings = new OpenAIEmbeddings({ model, ...connection });
  const vectors = await embeddings.embedDocuments(["a cat", "a dog"]);
  assert.equal(vectors.length, 2);
  assert.notDeepEqual(vectors[0], vectors[1]);
});
