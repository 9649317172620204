/// <reference types="node" />

import "fake-indexeddb/auto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { HearthError, type LoadProgress } from "@hearth/core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { ModelCache } from "../cache/model_cache.js";
import { resolve_parts, type SourceOptions } from "./resolve.js";

const model = Buffer.concat([Buffer.from("GGUF"), Buffer.alloc(100_000, "weights ")]);
const broken = new HearthError("INVALID_MODEL", "a tensor lies outside of the file");

/** What the server has under each path, and what it was asked for. */
let files: Map<string, Buffer>;
let asked: string[];
let cache: ModelCache;

function answer({ method, url = "" }: IncomingMessage, response: ServerResponse): void {
  asked.push(`${method} ${url}`);
  const body = files.get(url);
  if (!body) return void response.writeHead(404).end();
  const headers = { "content-length": body.length, "accept-ranges": "bytes", etag: '"one"' };
  response.writeHead(200, headers).end(method === "HEAD" ? "" : body);
}

const server = createServer(answer);
let url = "";
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/m.gguf`;
});
afterAll(() => server.close());
beforeEach(async () => {
  files = new Map([["/m.gguf", model]]);
  asked = [];
  cache = new ModelCache({ storage: "indexeddb" });
  await cache.clear();
});

/** Whether the model is found, and where it comes from. */
async function find(options: SourceOptions = {}, because?: HearthError) {
  const seen: LoadProgress[] = [];
  const context = { signal: undefined, report: (progress: LoadProgress) => void seen.push(progress) };
  const { place, origin } = await resolve_parts([{ url }], { cache: cache.options, ...options }, context, because);
  const bytes = Buffer.concat(await Promise.all(place.map(async ({ blob }) => Buffer.from(await blob.arrayBuffer()))));
  for (const { release } of place) release?.();
  return { whole: bytes.equals(model), origin, seen };
}

const downloads = () => asked.filter((line) => line.startsWith("GET")).length;

test("a file is downloaded once", async () => {
  expect(await find()).toMatchObject({ whole: true, origin: "new" });
  expect(await find()).toMatchObject({ whole: true, origin: "cached" });
  expect(downloads()).toBe(1);
});

for (const [what, body, message] of [
  ["a web page", "<!DOCTYPE html><title>Sign in</title>", "web page (HTML)"],
  ["nothing", "", "is empty"],
  ["a Git LFS pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 5\n", "Git LFS pointer"],
  ["another kind of file", "PK\x03\x04 and so on", 'begins with "PK'],
] as const) {
  test(`${what} in the place of a model is not kept`, async () => {
    files.set("/m.gguf", Buffer.from(body));
    for (const options of [{}, { cache: false as const }]) {
      await expect(find(options)).rejects.toMatchObject({
        code: "INVALID_MODEL",
        message: expect.stringContaining(message),
      });
    }
    expect(await cache.usage()).toMatchObject({ bytes: 0, partialBytes: 0 });
    files.set("/m.gguf", model);
    expect(await find()).toMatchObject({ whole: true, origin: "new" });
  });
}

test("a file of another size than the server's is not the server's, whatever its ETag", async () => {
  files.set("/m.gguf", model.subarray(0, 1000));
  await find();
  files.set("/m.gguf", model);
  expect(await find()).toMatchObject({ whole: true, origin: "new" });
  expect(await cache.list()).toHaveLength(1);
});

test("a cached file that is broken is fetched again, which is remembered", async () => {
  await find();
  const { origin, seen } = await find({}, broken);
  expect(origin).toBe("new");
  expect(seen[0]?.message).toContain(broken.message);
  expect(await find()).toMatchObject({ whole: true, origin: "refetched" });
  await find({ reload: true });
  expect(await find()).toMatchObject({ whole: true, origin: "cached" });
  expect(downloads()).toBe(3);
  expect(await cache.list()).toHaveLength(1);
});

test("what is reloaded replaces the cached file when it is whole, not before", async () => {
  await find();
  files.delete("/m.gguf");
  await expect(find({ reload: true })).rejects.toMatchObject({ code: "NOT_FOUND" });
  files.set("/m.gguf", Buffer.from("<html>Not found</html>"));
  await expect(find({ reload: true })).rejects.toMatchObject({ code: "INVALID_MODEL" });
  files.set("/m.gguf", model);
  expect(await find()).toMatchObject({ whole: true, origin: "cached" });
  expect(await cache.usage()).toMatchObject({ bytes: model.length, partialBytes: 0 });
});
