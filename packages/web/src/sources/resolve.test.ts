/// <reference types="node" />

import "fake-indexeddb/auto";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { HearthError, type LoadProgress } from "@hearth/core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { ModelCache } from "../cache/model_cache.js";
import { resolve_parts, type SourceOptions } from "./resolve.js";
import type { PartSource } from "./source.js";

const model = Buffer.concat([Buffer.from("GGUF"), Buffer.alloc(100_000, "weights ")]);
const broken = new HearthError("INVALID_MODEL", "a tensor lies outside of the file");

/** What the server has under each path, and what it was asked for. */
let files: Map<string, Buffer>;
let asked: string[];
let cache: ModelCache;

function answer({ method, url = "" }: IncomingMessage, response: ServerResponse): void {
  asked.push(`${method} ${url}`);
  const body = files.get(url.replace(/\?.*/, ""));
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
async function find(options: SourceOptions = {}, because?: HearthError, sources: PartSource[] = [{ url }]) {
  const seen: LoadProgress[] = [];
  const room = async () => ({ memory: 2 ** 30, storage: 2 ** 29 });
  const context = { signal: undefined, room, report: (progress: LoadProgress) => void seen.push(progress) };
  const { place, origin } = await resolve_parts(sources, { cache: cache.options, ...options }, context, because);
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

const sha256_of = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const sha256 = sha256_of(model);
const wrong = "0".repeat(64);

test("a cached file is read for a checksum that was not checked yet, and only then", async () => {
  const reads = async (integrity?: string) => (await find({ integrity })).seen.some(({ stage }) => stage === "verify");
  expect(await reads()).toBe(false);
  expect(await reads(sha256)).toBe(true);
  expect(await reads(sha256.toUpperCase())).toBe(false);
  expect(await reads()).toBe(false);
  expect(downloads()).toBe(1);
  expect(await cache.has(sha256)).toBe(true);
});

test("another checksum than the cached file's is fetched, and refused without losing what was there", async () => {
  await find({ integrity: sha256 });
  await expect(find({ integrity: wrong })).rejects.toMatchObject({
    code: "INTEGRITY",
    message: expect.stringContaining("fetching it again failed"),
  });
  expect(downloads()).toBe(2);
  expect(await find({ integrity: sha256 })).toMatchObject({ whole: true, origin: "cached" });
  expect(await cache.usage()).toMatchObject({ bytes: model.length, partialBytes: 0 });
});

test("a file that changed after it was checked is read again, and fetched again where it differs", async () => {
  await find({ integrity: sha256 });
  const store = await cache.store();
  const [entry] = await store.entries();
  if (!entry) throw new Error("nothing is cached");
  await store.commit({ ...entry, modified: 1 }); // as if the file were of another time
  expect((await find()).seen.some(({ stage }) => stage === "verify")).toBe(true);
  await store.delete(entry.key);
  const writer = await store.writer(entry.key);
  await writer.append(new Uint8Array(model).fill(1, 50_000));
  await writer.close();
  await store.commit({ ...entry, modified: 1 });
  expect(await find()).toMatchObject({ whole: true, origin: "new" });
  expect(await find()).toMatchObject({ whole: true, origin: "cached" });
  expect(await cache.list()).toHaveLength(1);
});

test("what the user brings is read for a checksum, too, each part for its own", async () => {
  const halves = [model.subarray(0, 50_000), model.subarray(50_000)];
  const sources = halves.map((half, index) => ({ name: `${index}`, blob: new Blob([new Uint8Array(half)]) }));
  const integrity = halves.map(sha256_of);
  expect(await find({ integrity }, undefined, sources)).toMatchObject({ whole: true });
  await expect(find({ integrity: integrity.reverse() }, undefined, sources)).rejects.toMatchObject({
    code: "INTEGRITY",
  });
  await expect(find({ integrity: sha256 }, undefined, sources)).rejects.toMatchObject({ code: "INVALID_ARGUMENT" });
});

test("a manifest's file has the checksum that is asked for", async () => {
  const manifest = { name: "m.gguf", size: model.length, chunks: [{ url: "m.gguf", size: model.length }] };
  files.set("/m.json", Buffer.from(JSON.stringify(manifest)));
  const sources = [{ url: url.replace("m.gguf", "m.json") }];
  await expect(find({ integrity: wrong }, undefined, sources)).rejects.toMatchObject({ code: "INTEGRITY" });
  expect(await find({ integrity: sha256 }, undefined, sources)).toMatchObject({ whole: true, origin: "new" });
  expect(await find({ integrity: sha256 }, undefined, sources)).toMatchObject({ whole: true, origin: "cached" });
  expect(asked.filter((line) => line === "GET /m.gguf")).toHaveLength(2);
});

test("what 'hearth split' writes is a manifest", async () => {
  // The same that the command line's test gets of the same bytes.
  const manifest = readFileSync(new URL("../../../core/src/sources/split_manifest.json", import.meta.url));
  files.set("/m.json", manifest);
  const sources = [{ url: url.replace("m.gguf", "m.json") }];
  for (const index of [0, 1, 2]) {
    files.set(`/m.00${index}`, model.subarray(index * 40_000, (index + 1) * 40_000));
  }
  expect(await find({}, undefined, sources)).toMatchObject({ whole: true, origin: "new" });
  expect(await find({}, undefined, sources)).toMatchObject({ whole: true, origin: "cached" });
  await cache.clear();
  files.set("/m.001", Buffer.alloc(40_000));
  await expect(find({}, undefined, sources)).rejects.toMatchObject({ code: "INTEGRITY" });
});

test("what a repository lists the checksum of is held to it", async () => {
  const lfs = { oid: createHash("sha256").update(model).digest("hex") };
  files.set("/api/models/owner/m/tree/main", Buffer.from(JSON.stringify([{ type: "file", path: "m.gguf", lfs }])));
  const find_it = () => find({ hfEndpoint: new URL(url).origin }, undefined, [{ url: "hf:owner/m" }]);
  files.set("/owner/m/resolve/main/m.gguf", Buffer.from(model).fill(1, 100, 200));
  await expect(find_it()).rejects.toMatchObject({ code: "INTEGRITY" });
  files.set("/owner/m/resolve/main/m.gguf", model);
  expect(await find_it()).toMatchObject({ whole: true, origin: "new" });
});

test("the name of a repository is looked up, also in the cache where there is no network", async () => {
  files.set("/api/models/owner/m/tree/main", Buffer.from(JSON.stringify([{ type: "file", path: "m-Q8_0.gguf" }])));
  files.set("/owner/m/resolve/main/m-Q8_0.gguf", model);
  const hfEndpoint = new URL(url).origin;
  const find_as = (name: string, endpoint = hfEndpoint) => find({ hfEndpoint: endpoint }, undefined, [{ url: name }]);
  expect(await find_as("hf:owner/m:q8_0")).toMatchObject({ whole: true, origin: "new" });
  expect(await find_as("hf:owner/m")).toMatchObject({ whole: true, origin: "cached" });
  await expect(find_as("hf:owner/m:Q4_0")).rejects.toMatchObject({ code: "NOT_FOUND" });
  await cache.put("http://127.0.0.1:1/owner/m/resolve/main/m-Q8_0.gguf", new Blob([new Uint8Array(model)]));
  expect(await find_as("hf:owner/m", "http://127.0.0.1:1")).toMatchObject({ whole: true, origin: "cached" });
});

test("without a type the best that fits into memory and storage is taken, which is told", async () => {
  const sizes = { "m-Q4_K_M.gguf": 2 ** 30, "m-Q3_K_M.gguf": 6 * 2 ** 27, "m-Q2_K.gguf": 2 ** 20 };
  const listed = Object.entries(sizes).map(([path, size]) => ({ type: "file", path, size }));
  files.set("/api/models/owner/m/tree/main", Buffer.from(JSON.stringify(listed)));
  files.set("/owner/m/resolve/main/m-Q2_K.gguf", model);
  const { seen, ...found } = await find({ hfEndpoint: new URL(url).origin }, undefined, [{ url: "hf:owner/m" }]);
  expect(found).toMatchObject({ whole: true, origin: "new" });
  expect(seen[0]?.message).toMatch(/Q2_K \(1 MB\).*: Q2_K is taken, .* into 1.1 GB of memory and 537 MB of storage/);
});
