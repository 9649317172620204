/** Transfers that break off, and servers that send something else. */

import assert from "node:assert/strict";
import { rmSync, symlinkSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import type { LoadProgress } from "@hearth/node";
import { cached, cached_path, load, model, send, server, sha256 } from "./server.js";

test("a transfer that breaks off goes on where it was", async () => {
  server.breaks = 2;
  await load(`${server.origin}/m.gguf`, { integrity: sha256 });
  assert.equal(server.asked.length, 3);
  assert.ok(server.asked.slice(1).every(({ range }) => range !== undefined));
});

test("an aborted download goes on next time, unless the file has changed", async () => {
  const controller = new AbortController();
  const onProgress = ({ stage }: LoadProgress) => stage === "download" && controller.abort();
  await assert.rejects(load(`${server.origin}/m.gguf`, { signal: controller.signal, onProgress }), { code: "ABORTED" });
  assert.ok(cached().includes("m.gguf.partial") && !cached().includes("m.gguf.lock"));
  server.etag = '"two"';
  await load(`${server.origin}/m.gguf`, { integrity: sha256 });
  assert.ok(server.asked[1]?.range !== undefined);
});

const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${sha256}\nsize ${model.length}\n`;

for (const [what, body, message] of [
  ["a web page", "\n<!DOCTYPE html><title>Sign in</title>", /web page \(HTML\)/],
  ["nothing", "", /is empty/],
  ["a Git LFS pointer", pointer, /Git LFS pointer/],
  ["another kind of file", "PK\x03\x04 and so on", /begins with "PK/],
] as const) {
  test(`${what} in the place of a model is not kept`, async () => {
    server.answers.set("/m.gguf", (_, response) => response.end(body));
    await assert.rejects(load(`${server.origin}/m.gguf`), { code: "INVALID_MODEL", message });
    assert.equal(server.asked.length, 1);
    assert.deepEqual(cached(), []);
    server.answers.clear();
    await load(`${server.origin}/m.gguf`);
  });
}

test("a web page in the place of the rest does not cost what has come", async () => {
  server.breaks = 1;
  server.answers.set("/m.gguf", (request, response) => {
    if (server.asked.length === 1) return send(model, request, response);
    response.end("<html>We will be back soon</html>");
  });
  await assert.rejects(load(`${server.origin}/m.gguf`), { code: "INVALID_MODEL" });
  server.answers.clear();
  await load(`${server.origin}/m.gguf`, { integrity: sha256 });
  assert.match(server.asked.at(-1)?.range ?? "", /^bytes=[1-9]/);
});

test("a model that was cut off before it was sent is fetched again by the next load", async () => {
  server.answers.set("/m.gguf", (_, response) => response.end(model.subarray(0, 100_000)));
  await assert.rejects(load(`${server.origin}/m.gguf`), { code: "INVALID_MODEL" });
  server.answers.clear();
  const seen = await load(`${server.origin}/m.gguf`);
  assert.ok(seen.some(({ message }) => message?.includes("is fetched again")));
});

test("a compressed answer is not taken for a broken one, and is not gone on with", async () => {
  const packed = gzipSync(model);
  const headers = { "content-encoding": "gzip", "content-length": packed.length, etag: '"packed"' };
  server.answers.set("/m.gguf", ({ headers: { range } }, response) => {
    const begin = Number(/^bytes=(\d+)-/.exec(range ?? "")?.[1] ?? 0);
    response.writeHead(begin > 0 ? 206 : 200, { ...headers, "content-length": packed.length - begin });
    if (server.breaks-- > 0) response.write(packed.subarray(0, packed.length >> 1), () => response.destroy());
    else response.end(packed.subarray(begin));
  });
  await load(`${server.origin}/m.gguf`, { integrity: sha256 });
  server.breaks = 1;
  server.asked = [];
  await load(`${server.origin}/m.gguf`, { integrity: sha256, reload: true });
  assert.deepEqual(
    server.asked.map(({ range }) => range),
    [undefined, undefined],
  );
});

/** Has the next load find the first half of the model, under the server's ETag. */
async function break_off(): Promise<void> {
  const controller = new AbortController();
  const onProgress = ({ stage, loaded }: LoadProgress) =>
    stage === "download" && loaded > 0.5 * model.length && controller.abort();
  await assert.rejects(load(`${server.origin}/m.gguf`, { signal: controller.signal, onProgress }), { code: "ABORTED" });
}

for (const [what, answer] of [
  ["another range", { "content-range": `bytes 5-${model.length - 1}/${model.length}` }],
  ["another file", { etag: '"two"' }],
  ["a compressed part", { "content-encoding": "gzip" }],
] as const) {
  test(`${what} than the missing one is not put behind what is there`, async () => {
    await break_off();
    server.answers.set("/m.gguf", (request, response) => {
      if (request.headers.range === undefined) return send(model, request, response);
      response.writeHead(206, { etag: server.etag, ...answer }).end(model.subarray(5));
    });
    await load(`${server.origin}/m.gguf`, { integrity: sha256 });
    assert.equal(server.asked.at(-1)?.range, undefined);
  });
}

test("a download that was whole already ends with it, one that is longer than the file begins anew", async () => {
  await break_off();
  const partial = `${cached_path("m.gguf.partial")}`;
  const none = (total: number) =>
    server.answers.set("/m.gguf", (request, response) => {
      if (request.headers.range === undefined) return send(model, request, response);
      response.writeHead(416, { "content-range": `bytes */${total}` }).end();
    });
  none(model.length);
  writeFileSync(partial, model);
  await load(`${server.origin}/m.gguf`, { integrity: sha256 });
  rmSync(cached_path("m.gguf"));
  server.answers.clear();
  await break_off();
  none(model.length);
  writeFileSync(partial, Buffer.concat([model, model]));
  await load(`${server.origin}/m.gguf`, { integrity: sha256 });
});

/** Ruins the header of a cached file. */
function damage(name: string): void {
  writeFileSync(cached_path(name), new Uint8Array(model).fill(255, 24, 1000));
}

test("a cached file that is broken is fetched again once by itself, and whenever the user wants it", async () => {
  const url = `${server.origin}/m.gguf`;
  await load(url);
  damage("m.gguf");
  await load(url);
  assert.equal(server.asked.length, 2);
  damage("m.gguf");
  await assert.rejects(load(url), { code: "INVALID_MODEL", message: /reload: true/ });
  assert.equal(server.asked.length, 2);
  await load(url, { reload: true });
  await load(url);
  assert.equal(server.asked.length, 3);
});

test("where nothing can be fetched, a broken file stays what it is, and a good one is not lost to a reload", async () => {
  const url = `${server.origin}/m.gguf`;
  await load(url);
  server.answers.set("/m.gguf", (_, response) => response.writeHead(404).end());
  await assert.rejects(load(url, { reload: true }), { code: "NOT_FOUND" });
  await load(url);
  damage("m.gguf");
  await assert.rejects(load(url), { code: "INVALID_MODEL", message: /fetching it again failed/ });
});

test("a file that the disk cannot hold is not begun", async () => {
  server.answers.set("/m.gguf", (_, response) => {
    response.writeHead(200, { "content-length": 2 ** 52 }).write(model);
  });
  await assert.rejects(load(`${server.origin}/m.gguf`), { code: "CACHE_QUOTA", message: new RegExp(String(2 ** 52)) });
  assert.deepEqual(cached(), []);
});

test("a disk that is full is CACHE_QUOTA at once", async () => {
  await load(`${server.origin}/m.gguf`);
  symlinkSync("/dev/full", `${cached_path("m.gguf")}.partial`);
  rmSync(cached_path("m.gguf"));
  server.asked = [];
  await assert.rejects(load(`${server.origin}/m.gguf`), { code: "CACHE_QUOTA" });
  assert.equal(server.asked.length, 1);
});

test("what the server refuses, and one that is not there", async () => {
  server.answers.set("/missing.gguf", (_, response) => response.writeHead(404).end());
  server.answers.set("/forbidden.gguf", (_, response) => response.writeHead(403).end());
  await assert.rejects(load(`${server.origin}/missing.gguf`), { code: "NOT_FOUND" });
  await assert.rejects(load(`${server.origin}/forbidden.gguf`), { code: "SERVER" });
  assert.equal(server.asked.length, 2);
});
