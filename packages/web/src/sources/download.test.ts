/// <reference types="node" />

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { download, type Piece, pieces_from } from "./download.js";
import { inspect } from "./remote_file.js";

const body = Buffer.alloc(20 * 2 ** 20 + 5);
for (let at = 0; at < body.length; at += 4093) body[at] = at % 251;
const packed = gzipSync(body);

/** What the server does wrong: answers that break off, headers that it leaves out. */
let quirks: {
  breaks?: number;
  ranges?: false;
  head?: 405;
  length?: false;
  tag?: string;
  status?: number;
  /** Compressed always, or for whoever takes that. */
  gzip?: "always" | "accepted";
  /** Bytes by which the ranges that it sends are off. */
  off?: number;
};
let asked: string[];
let at_once = 0;
let most_at_once = 0;

function answer(request: IncomingMessage, response: ServerResponse): void {
  asked.push(`${request.method} ${request.headers.range ?? ""}`.trim());
  if (quirks.status) return void response.writeHead(quirks.status).end();
  if (request.method === "HEAD" && quirks.head) return void response.writeHead(405).end();
  const accepted = /gzip/.test(String(request.headers["accept-encoding"]));
  if (quirks.gzip === "always" || (quirks.gzip && accepted)) return void compressed(request, response);
  const range = quirks.ranges === false ? null : /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
  const begin = Number(range?.[1] ?? 0) + (quirks.off ?? 0);
  const end = range?.[2] ? Number(range[2]) + 1 : body.length;
  const headers: Record<string, string | number> = { etag: quirks.tag ?? '"one"' };
  if (quirks.ranges !== false) headers["accept-ranges"] = "bytes";
  if (quirks.length !== false) headers["content-length"] = end - begin;
  if (range) headers["content-range"] = `bytes ${begin}-${end - 1}/${body.length}`;
  response.writeHead(range ? 206 : 200, headers);
  if (request.method === "HEAD") return void response.end();
  most_at_once = Math.max(most_at_once, ++at_once);
  response.on("close", () => (at_once -= 1));
  const bytes = body.subarray(begin, end);
  if (bytes.length > 1 && quirks.breaks && quirks.breaks-- > 0) {
    response.write(bytes.subarray(0, bytes.length >> 1), () => response.destroy());
  } else {
    response.end(bytes);
  }
}

/** Parts of it are those of the compressed form, as servers have it that store that. */
function compressed({ method, headers }: IncomingMessage, response: ServerResponse): void {
  const range = /^bytes=(\d+)-(\d*)$/.exec(headers.range ?? "");
  const bytes = packed.subarray(Number(range?.[1] ?? 0), range?.[2] ? Number(range[2]) + 1 : packed.length);
  response.writeHead(range ? 206 : 200, {
    "content-encoding": "gzip",
    "content-length": bytes.length,
    "accept-ranges": "bytes",
    etag: 'W/"one"',
    "last-modified": new Date(0).toUTCString(),
  });
  if (method === "HEAD") return void response.end();
  if (!range && quirks.breaks && quirks.breaks-- > 0) {
    response.write(bytes.subarray(0, bytes.length >> 1), () => response.destroy());
  } else {
    response.end(bytes);
  }
}

const server = createServer(answer);
let url = "";
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/m.gguf`;
});
afterAll(() => server.close());
beforeEach(() => {
  quirks = {};
  asked = [];
  most_at_once = 0;
});

const context = { headers: {}, signal: undefined as AbortSignal | undefined };

async function bytes_of(pieces: Piece[], signal?: AbortSignal): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of download(pieces, { ...context, signal })) chunks.push(chunk.slice());
  return Buffer.concat(chunks);
}

test("several requests at once, bytes in order", async () => {
  const file = await inspect(url, context);
  expect(file).toEqual({ url, size: body.length, validator: '"one"', ranges: true });
  expect((await bytes_of(pieces_from([file], 0))).equals(body)).toBe(true);
  expect(asked).toEqual([
    "HEAD bytes=0-",
    "GET bytes=0-8388607",
    "GET bytes=8388608-16777215",
    `GET bytes=16777216-${body.length - 1}`,
  ]);
  expect(most_at_once).toBe(3);
});

test("it goes on from the byte that was there", async () => {
  const file = await inspect(url, context);
  expect((await bytes_of(pieces_from([file], 1234567))).equals(body.subarray(1234567))).toBe(true);
  expect(await bytes_of(pieces_from([file], body.length))).toHaveLength(0);
});

test("a transfer that breaks off goes on where it was", async () => {
  quirks = { breaks: 3 };
  const file = await inspect(url, context);
  expect((await bytes_of(pieces_from([file], 0))).equals(body)).toBe(true);
  expect(asked).toContain("GET bytes=4194304-8388607");
});

test("servers that know no ranges, refuse HEAD, or do not tell the size", async () => {
  for (const server of [
    { ranges: false },
    { head: 405 },
    { ranges: false, length: false },
    { ranges: false, head: 405, breaks: 1 },
  ] as const) {
    quirks = { ...server };
    const file = await inspect(url, context);
    const have = Number.isFinite(file.size) ? 100 : 0;
    expect((await bytes_of(pieces_from([file], have))).equals(body.subarray(have)), JSON.stringify(server)).toBe(true);
  }
});

test("a compressed answer has another length than the file, and no ranges of it", async () => {
  quirks = { gzip: "accepted" };
  const plain = await inspect(url, context);
  expect(plain).toMatchObject({ size: body.length, ranges: true });
  expect((await bytes_of(pieces_from([plain], 0))).equals(body)).toBe(true);
  expect((await bytes_of(pieces_from([{ ...plain, ranges: false }], 0))).equals(body)).toBe(true);
  quirks = { gzip: "always", breaks: 1 };
  const file = await inspect(url, context);
  expect(file).toMatchObject({ size: Infinity, ranges: false });
  expect((await bytes_of(pieces_from([file], 0))).equals(body)).toBe(true);
  expect((await bytes_of(pieces_from([file], 1234567))).equals(body.subarray(1234567))).toBe(true);
});

test("another range than was asked for, and more bytes than there should be, are no part of the file", async () => {
  const file = await inspect(url, context);
  const stop = AbortSignal.timeout(1000);
  quirks = { off: 3 };
  await expect(bytes_of(pieces_from([file], 0), stop)).rejects.toMatchObject({ code: "TIMEOUT" }); // it tries again
  const short = { url, size: 1000, validator: "", ranges: false };
  quirks = {};
  await expect(bytes_of(pieces_from([short], 0))).rejects.toMatchObject({ code: "INTEGRITY" });
});

test("several files become one", async () => {
  const file = { url, size: body.length, validator: "", ranges: false };
  const twice = Buffer.concat([body, body]);
  expect((await bytes_of(pieces_from([file, file], 0))).equals(twice)).toBe(true);
  expect((await bytes_of(pieces_from([file, file], body.length + 7))).equals(twice.subarray(body.length + 7))).toBe(
    true,
  );
});

test("what the server refuses, and a file that changes meanwhile", async () => {
  const file = await inspect(url, context);
  for (const change of [{ tag: '"two"' }, { status: 416 }]) {
    quirks = change;
    await expect(bytes_of(pieces_from([file], 0))).rejects.toMatchObject({ code: "INTEGRITY" });
  }
  for (const [status, code] of [
    [404, "NOT_FOUND"],
    [403, "SERVER"],
    [503, "NETWORK"],
  ] as const) {
    quirks = { status };
    await expect(inspect(url, context)).rejects.toMatchObject({ code, details: { status } });
  }
  await expect(inspect("http://127.0.0.1:1/", context)).rejects.toMatchObject({ code: "NETWORK" });
});

test("an aborted download ends its requests", async () => {
  const file = await inspect(url, context);
  const controller = new AbortController();
  const chunks = download(pieces_from([file], 0), { ...context, signal: controller.signal });
  await chunks.next();
  controller.abort();
  await expect(
    (async () => {
      for await (const _ of chunks);
    })(),
  ).rejects.toMatchObject({ code: "ABORTED" });
  await expect.poll(() => at_once).toBe(0);
});
