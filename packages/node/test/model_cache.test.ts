/** The cache folder as programs see it. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { fileURLToPath } from "node:url";
import { loadModel, ModelCache } from "@hearth/node";

const model = readFileSync(fileURLToPath(new URL("../../../../models/hearth-spark.gguf", import.meta.url)));
const sha256 = createHash("sha256").update(model).digest("hex");
const server = createServer((_request, response) => response.end(model));
let address = "";
let cache: ModelCache;

before(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/models/m.gguf`;
});
after(() => server.close());
beforeEach(() => {
  cache = new ModelCache({ folder: mkdtempSync(join(tmpdir(), "hearth-cache-")) });
});

async function load(url: string | URL, integrity?: string): Promise<void> {
  const loaded = await loadModel(url, { cache, threads: 1, integrity });
  await loaded.dispose();
}

test("what loadModel downloads is listed, the last used first, and opened", async () => {
  assert.deepEqual(await cache.list(), []);
  assert.equal(await cache.has(address), false);
  assert.equal(await cache.open(address), undefined);
  await load(address, sha256);
  await load(`${address}?other`);
  assert.deepEqual(
    (await cache.list()).map(({ url, name, size, sha256 }) => ({ url, name, size, sha256 })),
    [
      { url: `${address}?other`, name: "m.gguf", size: model.length, sha256: undefined },
      { url: address, name: "m.gguf", size: model.length, sha256 },
    ],
  );
  await new Promise((resolve) => setTimeout(resolve, 20));
  await load(address);
  assert.equal((await cache.list())[0]?.url, address);
  assert.ok(await cache.has(sha256));
  const blob = await cache.open(new URL(address));
  assert.equal(blob?.size, model.length);
  assert.equal(await blob?.slice(0, 4).text(), "GGUF");
});

test("what is put is used instead of a download", async () => {
  const url = "http://127.0.0.1:9/unreachable/100%.gguf";
  for (const data of [new Blob([model]), new Response(model), new Blob([model]).stream(), new Uint8Array(model)]) {
    const entry = await cache.put(url, data);
    assert.deepEqual([entry.url, entry.size], [new URL(url).href, model.length]);
  }
  assert.equal((await cache.list()).length, 1);
  await load(url);
  await cache.put("hf:owner/repository/m.gguf", new Blob(["x"]));
  assert.ok(await cache.has("https://huggingface.co/owner/repository/resolve/main/m.gguf"));
  await assert.rejects(cache.put("no address", new Blob()), { code: "INVALID_ARGUMENT" });
});

test("usage, delete and clear", async () => {
  await load(address);
  const { path } = await cache.put("http://host/x", new Blob(["12345"]));
  writeFileSync(`${path}2.partial`, "123");
  writeFileSync(join(cache.folder, "notes.txt"), "not ours");
  const usage = await cache.usage();
  assert.deepEqual([usage.bytes, usage.partialBytes], [model.length + 5, 3]);
  assert.ok(usage.quota > usage.bytes);
  assert.equal(await cache.delete("http://host/x"), true);
  assert.equal(await cache.delete("http://host/x"), false);
  assert.equal((await cache.list()).length, 1);
  await cache.clear();
  const left = readdirSync(cache.folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  assert.deepEqual(
    left.map(({ name }) => name),
    ["notes.txt"],
  );
  assert.equal((await cache.usage()).bytes, 0);
});
