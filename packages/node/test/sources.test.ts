/** Downloads: once, resumed, checked, from every kind of address. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { HearthError, type LoadProgress, loadModel } from "@hearth/node";

const path = fileURLToPath(new URL("../../../../models/hearth-spark.gguf", import.meta.url));
const model = readFileSync(path);
const sha256 = createHash("sha256").update(model).digest("hex");
const manifest = {
  name: "chunked.gguf",
  size: model.length,
  sha256,
  chunks: [0, 1, 2].map((index) => ({ url: `chunks/${index}`, ...chunk(index) })),
};

function chunk(index: number) {
  const size = Math.ceil(model.length / 3);
  return { size: model.subarray(index * size, (index + 1) * size).length };
}

interface Asked {
  url: string;
  range: string | undefined;
}
let asked: Asked[] = [];
/** How many of the next answers break off in the middle. */
let breaks = 0;
let etag = '"one"';
/** Whether the server is as good as gone. */
let fails = false;

function answer(request: IncomingMessage, response: ServerResponse): void {
  const url = request.url ?? "";
  if (fails) return void response.destroy();
  asked.push({ url, range: request.headers.range });
  if (url === "/manifest.json") return void response.end(JSON.stringify(manifest));
  let body = model;
  if (url.startsWith("/chunks/")) {
    const size = Math.ceil(model.length / 3);
    body = model.subarray(Number(url.slice(8)) * size, (Number(url.slice(8)) + 1) * size);
  } else if (url === "/missing.gguf") {
    return void response.writeHead(404).end();
  } else if (url === "/forbidden.gguf") {
    return void response.writeHead(403).end();
  }
  let begin = 0;
  const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? "");
  if (range && request.headers["if-range"] === etag) begin = Number(range[1]);
  response.writeHead(begin > 0 ? 206 : 200, { etag, "content-length": body.length - begin });
  const rest = body.subarray(begin);
  if (breaks-- > 0) {
    response.write(rest.subarray(0, rest.length >> 1), () => response.destroy());
  } else {
    response.end(rest);
  }
}

const server = createServer(answer);
let origin = "";
let cacheFolder = "";

before(async () => {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => server.close());
beforeEach(() => {
  cacheFolder = mkdtempSync(join(tmpdir(), "hearth-cache-"));
  asked = [];
  breaks = 0;
  fails = false;
  etag = '"one"';
});

async function load(source: string | URL, options = {}): Promise<LoadProgress[]> {
  const seen: LoadProgress[] = [];
  const onProgress = (progress: LoadProgress) => seen.push(progress);
  const loaded = await loadModel(source, { cacheFolder, threads: 1, onProgress, ...options });
  assert.equal(loaded.info.fileSize, model.length);
  await loaded.dispose();
  return seen;
}

/** Every file in the cache. */
const cached = () =>
  readdirSync(cacheFolder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".entry"))
    .map(({ name }) => name);

test("a URL is downloaded once, checked, and then found in the cache", async () => {
  const first = await load(`${origin}/m.gguf`, { integrity: sha256 });
  assert.deepEqual(
    [...new Set(first.map(({ stage }) => stage))],
    ["check_cache", "download", "verify", "store", "parse", "read", "initialize", "ready"],
  );
  const last = first.filter(({ stage }) => stage === "download").at(-1);
  assert.deepEqual([last?.loaded, last?.total], [model.length, model.length]);
  await load(new URL(`${origin}/m.gguf`));
  assert.equal(asked.length, 1);
  assert.deepEqual(cached(), ["m.gguf"]);
});

test("paths and file: URLs", async () => {
  await load(path);
  await load(pathToFileURL(path));
  await assert.rejects(load("ftp://host/x.gguf"), { code: "INVALID_ARGUMENT" });
});

test("hf: names", async () => {
  process.env.HF_ENDPOINT = origin;
  await load("hf:owner/some-model/m.gguf");
  await load("hf:owner/some-model@v2/folder/m.gguf");
  delete process.env.HF_ENDPOINT;
  assert.deepEqual(
    asked.map(({ url }) => url),
    ["/owner/some-model/resolve/main/m.gguf", "/owner/some-model/resolve/v2/folder/m.gguf"],
  );
  await assert.rejects(load("hf:owner"), { code: "INVALID_ARGUMENT" });
});

test("a transfer that breaks off goes on where it was", async () => {
  breaks = 2;
  await load(`${origin}/m.gguf`, { integrity: sha256 });
  assert.equal(asked.length, 3);
  assert.ok(asked.slice(1).every(({ range }) => range !== undefined));
});

test("an aborted download goes on next time, unless the file has changed", async () => {
  const controller = new AbortController();
  const onProgress = ({ stage }: LoadProgress) => stage === "download" && controller.abort();
  await assert.rejects(load(`${origin}/m.gguf`, { signal: controller.signal, onProgress }), { code: "ABORTED" });
  assert.ok(cached().includes("m.gguf.partial") && !cached().includes("m.gguf.lock"));
  etag = '"two"';
  await load(`${origin}/m.gguf`, { integrity: sha256 });
  assert.ok(asked[1]?.range !== undefined);
});

test("bytes that differ from their checksum are not kept", async () => {
  await assert.rejects(load(`${origin}/m.gguf`, { integrity: "00".repeat(32) }), { code: "INTEGRITY" });
  assert.deepEqual(cached(), []);
});

test("what the server refuses, and one that is not there", async () => {
  await assert.rejects(load(`${origin}/missing.gguf`), { code: "NOT_FOUND" });
  await assert.rejects(load(`${origin}/forbidden.gguf`), { code: "SERVER" });
  assert.equal(asked.length, 2);
});

test("a manifest's chunks become one file", async () => {
  const seen = await load(`${origin}/manifest.json`);
  const last = seen.filter(({ stage }) => stage === "download").at(-1);
  assert.deepEqual([last?.loaded, last?.total], [model.length, model.length]);
  assert.deepEqual(cached(), ["chunked.gguf"]);
  await load(`${origin}/manifest.json`);
  assert.equal(asked.length, 5);
});

test("a manifest's file that is there is enough without a network", async () => {
  await load(`${origin}/manifest.json`);
  fails = true;
  await load(`${origin}/manifest.json`);
  await assert.rejects(load(`${origin}/other/manifest.json`), { code: "NETWORK" });
});

test("a lock that nobody holds any more holds up nobody", async () => {
  await load(`${origin}/m.gguf`);
  const [file = ""] = readdirSync(cacheFolder, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith("m.gguf"),
  );
  const path = join(cacheFolder, file);
  for (const holder of ["", JSON.stringify({ pid: 2 ** 22 + 1, host: hostname() })]) {
    rmSync(path);
    writeFileSync(`${path}.lock`, holder);
    utimesSync(`${path}.lock`, 0, 0);
    await load(`${origin}/m.gguf`);
  }
});

test("two processes that want the same model download it once", async () => {
  const program = `
    const { loadModel } = await import(${JSON.stringify(new URL("../src/index.js", import.meta.url).href)});
    const model = await loadModel("${origin}/m.gguf", { cacheFolder: ${JSON.stringify(cacheFolder)}, threads: 1 });
    await model.dispose();`;
  const run = () => promisify(execFile)(process.execPath, ["--input-type=module", "--eval", program]);
  await Promise.all([run(), run(), run()]);
  assert.equal(asked.length, 1);
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
