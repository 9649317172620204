/** Files in chunks. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { cached, load, model, send, server, sha256 } from "./server.js";

const third = Math.ceil(model.length / 3);
const chunks = [0, 1, 2].map((index) => model.subarray(index * third, (index + 1) * third));

beforeEach(() => {
  const described = chunks.map((chunk, index) => ({ url: `chunks/${index}`, size: chunk.length }));
  const manifest = { name: "chunked.gguf", size: model.length, sha256, chunks: described };
  server.answers.set("/manifest.json", (_, response) => response.end(JSON.stringify(manifest)));
  for (const [index, chunk] of chunks.entries()) {
    server.answers.set(`/chunks/${index}`, (request, response) => send(chunk, request, response));
  }
});

test("a manifest's chunks become one file", async () => {
  const seen = await load(`${server.origin}/manifest.json`);
  const last = seen.filter(({ stage }) => stage === "download").at(-1);
  assert.deepEqual([last?.loaded, last?.total], [model.length, model.length]);
  assert.deepEqual(cached(), ["chunked.gguf"]);
  await load(`${server.origin}/manifest.json`);
  assert.equal(server.asked.length, 5);
});

test("a manifest's file has the checksum that is asked for", async () => {
  const other = "00".repeat(32);
  await assert.rejects(load(`${server.origin}/manifest.json`, { integrity: other }), { code: "INTEGRITY" });
  assert.equal(server.asked.length, 1);
  await load(`${server.origin}/manifest.json`, { integrity: sha256 });
  server.fails = true;
  await load(`${server.origin}/manifest.json`, { integrity: sha256 });
  await assert.rejects(load(`${server.origin}/manifest.json`, { integrity: other }), { code: "INTEGRITY" });
});

test("a manifest's file that is there is enough without a network", async () => {
  await load(`${server.origin}/manifest.json`);
  server.fails = true;
  await load(`${server.origin}/manifest.json`);
  await assert.rejects(load(`${server.origin}/other/manifest.json`), { code: "NETWORK" });
});

test("a chunk that is something else is not kept", async () => {
  const page = "<html>Not found</html>";
  for (const index of [0, 2]) {
    server.answers.set(`/chunks/${index}`, (_, response) => response.end(page));
    const code = index === 0 ? "INVALID_MODEL" : "INTEGRITY";
    await assert.rejects(load(`${server.origin}/manifest.json`), { code });
    server.answers.set(`/chunks/${index}`, (request, response) => send(chunks[index] as Uint8Array, request, response));
  }
  await load(`${server.origin}/manifest.json`);
  assert.deepEqual(cached(), ["chunked.gguf"]);
});
