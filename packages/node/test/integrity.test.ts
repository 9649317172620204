/** Checksums: of downloads, of what the cache has, of files on disk and in memory. */

import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { loadModel, ModelCache } from "@hearth/node";
import { cached, cached_path, cacheFolder, load, model, path, server, sha256, sha256_of, stages } from "./server.js";

const wrong = "00".repeat(32);
const reads = async (integrity?: string) =>
  stages(await load(`${server.origin}/m.gguf`, { integrity })).includes("verify");

/** Changes a byte of the cached file's weights, which the engine does not notice. */
function change(): void {
  writeFileSync(cached_path("m.gguf"), new Uint8Array(model).fill(1, model.length - 1));
}

test("bytes that differ from their checksum are not kept", async () => {
  await assert.rejects(load(`${server.origin}/m.gguf`, { integrity: wrong }), { code: "INTEGRITY" });
  assert.deepEqual(cached(), []);
});

test("a cached file is read for a checksum that was not checked yet, and only then", async () => {
  assert.equal(await reads(), false);
  assert.equal(await reads(sha256), true);
  assert.equal(await reads(sha256.toUpperCase()), false);
  assert.equal(await reads(), false);
  assert.equal(server.asked.length, 1);
  assert.ok(await new ModelCache({ folder: cacheFolder }).has(sha256));
});

test("another checksum than the cached file's is fetched, and refused without losing what was there", async () => {
  assert.equal(await reads(sha256), true);
  await assert.rejects(reads(wrong), { code: "INTEGRITY", message: /fetching it again failed/ });
  assert.equal(server.asked.length, 2);
  assert.equal(await reads(sha256), false);
  assert.deepEqual(cached(), ["m.gguf"]);
  server.answers.set("/m.gguf", (_, response) => response.writeHead(404).end());
  await assert.rejects(reads(wrong), { code: "INTEGRITY", message: new RegExp(sha256) });
});

test("a file that changed after it was checked is read again, and fetched again where it differs", async () => {
  await reads(sha256);
  change();
  assert.equal(await reads(), true);
  assert.equal(server.asked.length, 2);
  assert.equal(sha256_of(readFileSync(cached_path("m.gguf"))), sha256);
  await reads(sha256);
  utimesSync(cached_path("m.gguf"), 1000, 1000);
  assert.equal(await reads(), true);
  assert.equal(await reads(), false);
  assert.equal(server.asked.length, 2);
});

test("a file that is not as long as it was is fetched again, also without a checksum", async () => {
  await load(`${server.origin}/m.gguf`);
  writeFileSync(cached_path("m.gguf"), model.subarray(0, 1000));
  await load(`${server.origin}/m.gguf`);
  assert.equal(statSync(cached_path("m.gguf")).size, model.length);
  assert.equal(server.asked.length, 2);
});

test("files on disk and bytes in memory are read for a checksum, too", async () => {
  assert.ok(stages(await load(path, { integrity: sha256 })).includes("verify"));
  await assert.rejects(load(path, { integrity: wrong }), { code: "INTEGRITY" });
  for (const source of [new Uint8Array(model), new Blob([model]), [new Uint8Array(model)]]) {
    await assert.rejects(loadModel(source, { integrity: wrong }), { code: "INTEGRITY" });
  }
  const loaded = await loadModel(new Uint8Array(model), { threads: 1, integrity: [sha256] });
  await loaded.dispose();
});

test("a split model has a checksum for each of its parts", async () => {
  const parts = [model.subarray(0, 1_000_000), model.subarray(1_000_000)];
  const folder = mkdtempSync(join(tmpdir(), "hearth-parts-"));
  const names = ["m-00001-of-00002.gguf", "m-00002-of-00002.gguf"].map((name) => join(folder, name));
  for (const [index, name] of names.entries()) writeFileSync(name, parts[index] as Uint8Array);
  const [first = ""] = names;
  await assert.rejects(load(first, { integrity: sha256 }), { code: "INVALID_ARGUMENT", message: /2 files/ });
  await assert.rejects(load(first, { integrity: ["abc", sha256] }), { code: "INVALID_ARGUMENT", message: /'abc'/ });
  const integrity = parts.map(sha256_of);
  await assert.rejects(load(first, { integrity: [...integrity].reverse() }), { code: "INTEGRITY" });
  await assert.rejects(load(first, { integrity }), { code: "INVALID_MODEL" }); // whole, but no split model
});
