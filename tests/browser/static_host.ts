/** A static host that knows nothing of what it serves: no header but the type, no ranges. */

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";

const types: Record<string, string> = {
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
  ".svg": "image/svg+xml",
};

export interface StaticHost {
  /** The address of the folder's files, which are below a path. */
  readonly url: string;
  /** What is served; may change. */
  folder: string;
  /** Paths that were asked for. */
  readonly asked: string[];
  close(): Promise<void>;
}

export async function host_folder(folder: string): Promise<StaticHost> {
  const below = "/some/where/";
  const host = { url: "", folder, asked: [] as string[], close: async () => {} };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const path = normalize(decodeURIComponent(pathname.slice(below.length))) || ".";
    host.asked.push(path);
    try {
      if (!pathname.startsWith(below) || path.startsWith("..")) throw new Error(pathname);
      const file = join(host.folder, path === "." ? "index.html" : path);
      const body = readFileSync(file);
      response.writeHead(200, { "content-type": types[extname(file)] ?? "application/octet-stream" }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  host.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${below}`;
  host.close = () =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return host;
}
