/** Serves the repository's packages and models, as well or as badly as a test wants. */

import { createReadStream, statSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folders: Record<string, string> = {
  "/web/": "packages/web/",
  "/core/": "packages/core/",
  "/wasm/": "packages/wasm/",
  "/prompt-api/": "packages/prompt-api/",
  "/models/": "models/",
};
const types: Record<string, string> = {
  ".js": "text/javascript",
  ".json": "application/json",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};

export interface TestServer {
  origin: string;
  /** Of files that were asked for: "GET /models/x.gguf bytes=0-99". */
  asked: string[];
  /** How many of the next answers with more than a MiB break off in the middle. */
  breaks: number;
  /** Bytes per second of files; 0: as fast as it goes. */
  speed: number;
  etag: string;
  /** Further answers, by path. */
  pages: Map<string, { type: string; body: string | Buffer }>;
  close(): Promise<void>;
}

/** `isolated`: with the headers that let pages use threads. Other origins may read everything. */
export async function serve({ isolated }: { isolated: boolean }): Promise<TestServer> {
  const state: TestServer = {
    origin: "",
    asked: [],
    breaks: 0,
    speed: 0,
    etag: '"one"',
    pages: new Map(),
    close: async () => {},
  };
  const headers: Record<string, string> = {
    "access-control-allow-origin": "*",
    "access-control-allow-headers": "range",
    "access-control-expose-headers": "etag, content-range, accept-ranges",
    "cross-origin-resource-policy": "cross-origin",
  };
  if (isolated) {
    headers["cross-origin-opener-policy"] = "same-origin";
    headers["cross-origin-embedder-policy"] = "require-corp";
  }
  const server: Server = createServer((request, response) => answer(state, headers, request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  state.origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  state.close = () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return state;
}

function answer(
  state: TestServer,
  headers: Record<string, string>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  if (pathname === "/to") return void response.writeHead(302, { ...headers, location: "/data.json" }).end();
  const page =
    pathname === "/" ? { type: "text/html", body: "<!doctype html><title>Hearth</title>" } : state.pages.get(pathname);
  if (request.method === "OPTIONS") return void response.writeHead(204, headers).end();
  if (page) {
    if (page.type !== "text/html") state.asked.push(`${request.method} ${pathname}`);
    return void response.writeHead(200, { ...headers, "content-type": page.type }).end(page.body);
  }
  const path = file_of(pathname);
  if (path === undefined) return void response.writeHead(404, headers).end();
  const { size } = statSync(path);
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
  const begin = Number(range?.[1] ?? 0);
  const end = range?.[2] ? Math.min(Number(range[2]), size - 1) : size - 1;
  if (pathname.startsWith("/models/"))
    state.asked.push(`${request.method} ${pathname} ${request.headers.range ?? ""}`.trim());
  response.writeHead(range ? 206 : 200, {
    ...headers,
    "accept-ranges": "bytes",
    "content-type": types[extname(path)] ?? "application/octet-stream",
    "content-length": end - begin + 1,
    etag: state.etag,
    ...(range ? { "content-range": `bytes ${begin}-${end}/${size}` } : {}),
  });
  if (request.method === "HEAD") return void response.end();
  void send(state, path, begin, end, response);
}

async function send(
  state: TestServer,
  path: string,
  begin: number,
  end: number,
  response: ServerResponse,
): Promise<void> {
  const length = end - begin + 1;
  const breaks_at = length > 2 ** 20 && state.breaks > 0 ? length >> 1 : Infinity;
  if (breaks_at < Infinity) state.breaks -= 1;
  let sent = 0;
  for await (const chunk of createReadStream(path, { start: begin, end }) as AsyncIterable<Buffer>) {
    if (response.destroyed) return;
    if (sent + chunk.length > breaks_at) {
      // Browsers drop what a page has not read yet when a transfer fails.
      await new Promise((resolve) => setTimeout(resolve, 500));
      return void response.destroy();
    }
    response.write(chunk);
    sent += chunk.length;
    if (state.speed > 0) await new Promise((resolve) => setTimeout(resolve, (1000 * chunk.length) / state.speed));
  }
  response.end();
}

function file_of(pathname: string): string | undefined {
  const prefix = Object.keys(folders).find((candidate) => pathname.startsWith(candidate));
  if (prefix === undefined || pathname.includes("..")) return undefined;
  const path = join(root, folders[prefix] ?? "", decodeURIComponent(pathname.slice(prefix.length)));
  return statSync(path, { throwIfNoEntry: false })?.isFile() ? path : undefined;
}
