/** Transfers that break off, and servers that send something else. */

import assert from "node:assert/strict";
import { rmSync, symlinkSync, writeFileSync } from "node:fs";
import { test } from "node:test";
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
