/** A server on a Unix socket. */

import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { generateText, Hearth, streamText } from "@hearth/node";
import { HearthServer } from "./hearth_server.js";

const of_repository = (path: string) => fileURLToPath(new URL(`../../../../${path}`, import.meta.url));
const socket = join(mkdtempSync(join(tmpdir(), "hearth-socket-")), "s");
const server = await HearthServer.start(
  of_repository("build/hearth"),
  of_repository("models/hearth-spark.gguf"),
  "--socket",
  socket,
);
after(() => server.stop());

const at_server = () => new Hearth({ mode: "server", endpoint: `unix:${socket}` });
const sum = { prompt: "What is 3 plus 4?", temperature: 0 };

test("answers, whole, streamed and in bytes", async () => {
  const hearth = at_server();
  const model = await hearth.loadModel("hearth-spark");
  assert.equal((await generateText({ model, ...sum })).text, "3 + 4 = 7.");
  let text = "";
  for await (const piece of streamText({ model, ...sum })) text += piece;
  assert.equal(text, "3 + 4 = 7.");
  assert.equal((await model.embed("one")).length, model.info.embeddingLength);
  await hearth.dispose();
});

test("ends an answer that nobody reads any more", async () => {
  const hearth = at_server();
  const model = await hearth.loadModel("hearth-spark");
  const endless = { prompt: "Tell me a story", maxTokens: -1, ignoreEnd: true, keepTokens: 8 };
  for await (const _ of streamText({ model, ...endless })) break;
  const deadline = Date.now() + 30_000;
  const active = async () => (await hearth.serverModels())[0]?.active;
  while ((await active()) !== 0 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(await active(), 0);
  await hearth.dispose();
});

test("tells the server's errors, and of a socket where nobody listens", async () => {
  await assert.rejects(at_server().loadModel("none"), { code: "NOT_FOUND" });
  const nowhere = new Hearth({ mode: "server", endpoint: `unix:${socket}.none`, maxRetries: 0 });
  await assert.rejects(nowhere.loadModel("hearth-spark"), { code: "NETWORK", message: /ENOENT/ });
  await assert.rejects(at_server().loadModel("hearth-spark", "a", { signal: AbortSignal.abort() }), {
    code: "ABORTED",
  });
});
