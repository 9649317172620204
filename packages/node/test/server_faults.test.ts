/** Server mode over real connections, to servers that are slow, break off or are not there. */

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type TestContext, test } from "node:test";
import { Hearth, HearthError } from "@hearth/node";

type Answer = (response: ServerResponse) => void;

const event = (data: object) => `data: ${JSON.stringify(data)}\n\n`;
const info = { fileSize: 1, leftInFile: 0, cacheBytes: 1, draftBytes: 0 };
const figures = { promptTokens: 1, cachedTokens: 0, completionTokens: 1, queuedMs: 0, prefillMs: 0, decodeMs: 0 };
const end = event({ text: "", result: { finishReason: "stop", ...figures, seed: 1 } });

const begin_events = (response: ServerResponse) => response.writeHead(200, { "content-type": "text/event-stream" });

/** A Hearth with a model, whose server answers its prompts by `generate`; and what else is known of that server. */
async function served(context: TestContext, generate: Answer) {
  const server = createServer((request, response) => void answer(request, response, generate));
  const known = { hearth: undefined as unknown as Hearth, connections: 0, server };
  server.on("connection", () => {
    known.connections += 1;
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  known.hearth = new Hearth({ mode: "server", endpoint, maxRetries: 0 });
  await known.hearth.loadModel("model");
  return known;
}

async function answer(request: IncomingMessage, response: ServerResponse, generate: Answer): Promise<void> {
  request.resume();
  await once(request, "end");
  if (request.url === "/v1/hearth/generate") return generate(response);
  if (request.url === "/v1/hearth/load") {
    return void begin_events(response).end(event({ model: { id: "model", info } }));
  }
  response.writeHead(200, { "x-hearth-reply": "int32" }).end(Uint8Array.of(1, 0, 0, 0));
}

test("an answer is whole however its bytes are cut", async (context) => {
  const bytes = Buffer.from(event({ text: "süß 東京 🙂" }) + end);
  const { hearth } = await served(context, async (response) => {
    begin_events(response);
    for (const byte of bytes) await new Promise((sent) => response.write(Uint8Array.of(byte), sent));
    response.end();
  });
  assert.equal((await hearth.generate("x")).text, "süß 東京 🙂");
});

test("an answer that is aborted closes its connection", async (context) => {
  let closed: Promise<unknown> | undefined;
  const { hearth } = await served(context, (response) => {
    closed = once(response, "close");
    begin_events(response).write(event({ text: "one " }));
  });
  for await (const text of hearth.stream("x")) {
    assert.equal(text, "one ");
    break;
  }
  await closed;
});

test("what its reader does not take stays with the server", async (context) => {
  const piece = event({ text: "x".repeat(1 << 16) });
  const pieces = 512; // 32 MiB, more than connections hold
  let sent = 0;
  const { hearth } = await served(context, async (response) => {
    begin_events(response);
    for (; sent < pieces; ++sent) if (!response.write(piece)) await once(response, "drain");
    response.end(end);
  });
  const reader = hearth.stream("x").textStream.getReader();
  await reader.read();
  let before = -1;
  while (before < sent) {
    before = sent;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  assert.ok(sent < pieces, `${sent} of ${pieces} were taken`);
  let length = 1 << 16;
  for (let next = await reader.read(); !next.done; next = await reader.read()) length += next.value.length;
  assert.equal(length, pieces << 16);
});

test("an answer whose connection is lost is NETWORK, behind what had come", async (context) => {
  const { hearth } = await served(context, (response) => {
    begin_events(response).write(event({ text: "one " }), () => response.destroy());
  });
  const texts: string[] = [];
  await assert.rejects(
    async () => {
      for await (const text of hearth.stream("x")) texts.push(text);
    },
    (error: HearthError) => error.code === "NETWORK" && /broke off/.test(error.message),
  );
  assert.deepEqual(texts, ["one "]);
});

test("requests that follow each other use their connections again", async (context) => {
  const known = await served(context, (response) => begin_events(response).end(event({ text: "one" }) + end));
  for (let i = 0; i < 3; ++i) assert.equal((await known.hearth.generate("x")).text, "one");
  // One more where the end of an answer comes behind its last event.
  assert.ok(known.connections <= 2, `${known.connections} connections`);
});

test("a server that is not there is NETWORK, and told where it was looked for", async () => {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  server.close();
  const hearth = new Hearth({ mode: "server", endpoint, apiKey: "sk-secret", maxRetries: 0 });
  await assert.rejects(hearth.loadModel("model"), (error: HearthError) => {
    assert.equal(error.code, "NETWORK");
    assert.ok(error.message.includes(endpoint) && /ECONNREFUSED/.test(error.message), error.message);
    assert.ok(!JSON.stringify(error.details).includes("sk-secret"));
    return error instanceof HearthError;
  });
});
