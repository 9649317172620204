/** Files in chunks. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { beforeEach, test } from "node:test";
import { cached, cached_path, load, model, send, server, sha256, sha256_of } from "./server.js";

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

test("what 'hearth split' writes is a manifest", async () => {
  const example = new URL("../../../core/src/sources/split_manifest.json", import.meta.url);
  const written = JSON.parse(readFileSync(example, "utf8"));
  for (const [index, chunk] of chunks.entries()) {
    const url = `m.00${index}`;
    assert.equal(written.chunks[index].url, url);
    written.chunks[index] = { url, size: chunk.length, sha256: sha256_of(chunk) };
    server.answers.set(`/${url}`, (request, response) => send(chunk, request, response));
  }
  const manifest = { ...written, size: model.length, sha256 };
  server.answers.set("/m.json", (_, response) => response.end(JSON.stringify(manifest)));
  await load(`${server.origin}/m.json`);
  assert.deepEqual(cached(), ["m.gguf"]);
  assert.equal(sha256_of(readFileSync(cached_path("m.gguf"))), sha256);
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
