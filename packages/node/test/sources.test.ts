/** Every kind of address, and where what it stands for is kept. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { HearthError, loadModel } from "@hearth/node";
import { cached, cacheFolder, load, model, path, server, sha256, stages } from "./server.js";

test("a URL is downloaded once, checked, and then found in the cache", async () => {
  const first = await load(`${server.origin}/m.gguf`, { integrity: sha256 });
  assert.deepEqual(stages(first), [
    "check_cache",
    "download",
    "verify",
    "store",
    "parse",
    "read",
    "initialize",
    "ready",
  ]);
  const last = first.filter(({ stage }) => stage === "download").at(-1);
  assert.deepEqual([last?.loaded, last?.total], [model.length, model.length]);
  await load(new URL(`${server.origin}/m.gguf`));
  assert.equal(server.asked.length, 1);
  assert.deepEqual(cached(), ["m.gguf"]);
});

test("paths and file: URLs", async () => {
  await load(path);
  await load(pathToFileURL(path));
  await assert.rejects(load("ftp://host/x.gguf"), { code: "INVALID_ARGUMENT" });
});

test("two processes that want the same model download it once", async () => {
  const program = `
    const { loadModel } = await import(${JSON.stringify(new URL("../src/index.js", import.meta.url).href)});
    const model = await loadModel("${server.origin}/m.gguf", { cacheFolder: ${JSON.stringify(cacheFolder)}, threads: 1 });
    await model.dispose();`;
  const run = () => promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program]);
  await Promise.all([run(), run(), run()]);
  assert.equal(server.asked.length, 1);
});

test("a blob, a buffer and a typed array", async () => {
  for (const source of [
    new Blob([model]),
    new Uint8Array(model),
    new Uint8Array(model).buffer,
    [new Uint8Array(model)],
  ]) {
    const loaded = await loadModel(source, { threads: 1 });
    assert.equal(loaded.info.fileSize, model.length);
    await loaded.dispose();
  }
  await assert.rejects(loadModel(5 as never), HearthError);
});
