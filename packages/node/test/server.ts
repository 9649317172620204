/** A server of models for tests, as well or as badly as one wants, and a cache folder for each test. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, beforeEach } from "node:test";
import { fileURLToPath } from "node:url";
import { type LoadOptions, type LoadProgress, loadModel } from "@hearth/node";

export const path = fileURLToPath(new URL("../../../../models/hearth-spark.gguf", import.meta.url));
export const model = readFileSync(path);
export const sha256_of = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
export const sha256 = sha256_of(model);

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export const server = {
  origin: "",
  /** What was asked for. */
  asked: [] as { url: string; range: string | undefined; headers: IncomingMessage["headers"] }[],
  /** How many of the next answers break off in the middle. */
  breaks: 0,
  etag: '"one"',
  /** Whether it is as good as gone. */
  fails: false,
  /** Other answers than the model, by path. */
  answers: new Map<string, Answer>(),
};

/** What the test's downloads are kept in. */
export let cacheFolder = "";

/** Sends `body`, or what is missing of it; or breaks off. */
export function send(body: Uint8Array, request: IncomingMessage, response: ServerResponse): void {
  const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? "");
  const begin = range && request.headers["if-range"] === server.etag ? Number(range[1]) : 0;
  const rest = body.subarray(begin);
  response.writeHead(begin > 0 ? 206 : 200, {
    etag: server.etag,
    "content-length": rest.length,
    ...(begin > 0 && { "content-range": `bytes ${begin}-${body.length - 1}/${body.length}` }),
  });
  if (server.breaks-- > 0) {
    response.write(rest.subarray(0, rest.length >> 1), () => response.destroy());
  } else {
    response.end(rest);
  }
}

const listening = createServer((request, response) => {
  if (server.fails) return void response.destroy();
  const url = request.url ?? "";
  server.asked.push({ url, range: request.headers.range, headers: request.headers });
  const answer = server.answers.get(new URL(url, server.origin).pathname);
  if (answer) answer(request, response);
  else send(model, request, response);
});

before(async () => {
  listening.listen(0, "127.0.0.1");
  await once(listening, "listening");
  server.origin = `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
});
after(() => {
  listening.close();
  listening.closeAllConnections();
});
beforeEach(() => {
  cacheFolder = mkdtempSync(join(tmpdir(), "hearth-cache-"));
  Object.assign(server, { asked: [], breaks: 0, etag: '"one"', fails: false, answers: new Map() });
});

/** Loads the model from `source`, and gives what was reported meanwhile. */
export async function load(source: string | URL, options: LoadOptions = {}): Promise<LoadProgress[]> {
  const seen: LoadProgress[] = [];
  const onProgress = (progress: LoadProgress) => void seen.push(progress);
  const loaded = await loadModel(source, { cacheFolder, threads: 1, onProgress, ...options });
  assert.equal(loaded.info.fileSize, model.length);
  await loaded.dispose();
  return seen;
}

export const stages = (seen: LoadProgress[]) => [...new Set(seen.map(({ stage }) => stage))];

/** The names of all files in the cache, without the notes beside them and the lists of repositories. */
export const cached = () =>
  readdirSync(cacheFolder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".entry") && !entry.parentPath.endsWith("listings"))
    .map(({ name }) => name);

/** Where the cache has a file of that name. */
export function cached_path(name: string): string {
  const found = readdirSync(cacheFolder, { recursive: true, encoding: "utf8" });
  return join(cacheFolder, found.find((candidate) => candidate.endsWith(`/${name}`)) ?? name);
}
