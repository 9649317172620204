/** serve-static: a folder over HTTP, with the headers that let pages use threads and read models in ranges. */

import { createReadStream } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { parseArgs } from "node:util";

const types: Record<string, string> = {
  ".css": "text/css",
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".json": "application/json",
  ".mjs": "text/javascript",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".wasm": "application/wasm",
};

/** What cross-origin isolation, and with it SharedArrayBuffer, asks of every answer. */
const headers = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-resource-policy": "same-origin",
  "accept-ranges": "bytes",
};

/** Serves until the process is interrupted. Only this machine can reach it. */
export async function serve_static(args: string[]): Promise<void> {
  const { positionals, values } = parseArgs({ args, allowPositionals: true, options: { port: { type: "string" } } });
  if (positionals.length !== 1) throw new TypeError("expected a FOLDER");
  const root = await realpath(positionals[0] ?? "");
  const server = createServer((request, response) => {
    answer(root, request, response).catch(() => response.destroy());
  });
  server.listen(Number(values.port ?? 8080), "127.0.0.1", () => {
    process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}/\n`);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    process.once("SIGINT", resolve);
    process.once("SIGTERM", resolve);
  });
  server.close();
  server.closeAllConnections();
}

async function answer(root: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const refuse = (status: number) => void response.writeHead(status, headers).end();
  if (request.method !== "GET" && request.method !== "HEAD") return refuse(405);
  const path = await find(root, request.url ?? "/");
  if (path === undefined) return refuse(404);
  const { size, mtime } = await stat(path);
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
  const begin = range ? Number(range[1]) : 0;
  const end = range?.[2] ? Math.min(Number(range[2]), size - 1) : size - 1;
  if (range && begin > end)
    return void response.writeHead(416, { ...headers, "content-range": `bytes */${size}` }).end();
  response.writeHead(range ? 206 : 200, {
    ...headers,
    "content-type": types[extname(path)] ?? "application/octet-stream",
    "content-length": end - begin + 1,
    "last-modified": mtime.toUTCString(),
    ...(range ? { "content-range": `bytes ${begin}-${end}/${size}` } : {}),
  });
  if (request.method === "HEAD" || size === 0) return void response.end();
  await pipeline(createReadStream(path, { start: begin, end }), response);
}

/** The file that a URL names, within `root` also through links; a folder's index.html. */
async function find(root: string, url: string): Promise<string | undefined> {
  try {
    const path = await realpath(join(root, decodeURIComponent(new URL(url, "http://localhost").pathname)));
    if (path !== root && !path.startsWith(root + sep)) return undefined;
    const found = await stat(path);
    if (found.isFile()) return path;
    return found.isDirectory() ? await find_index(path) : undefined;
  } catch {
    return undefined;
  }
}

async function find_index(folder: string): Promise<string | undefined> {
  const index = join(folder, "index.html");
  return (await stat(index)).isFile() ? index : undefined;
}
