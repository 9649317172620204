/** Serves the repository and a folder of models, cross-origin isolated, to the measurements' page. */
import { createReadStream, existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

const types = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".wasm": "application/wasm",
};

/** Resolves with the server's address. `folders` maps the first part of a path to a folder. */
export function serve(folders) {
  const server = createServer((request, response) => {
    const [, first, ...rest] = normalize(decodeURIComponent(new URL(request.url, "http://x").pathname)).split("/");
    const path = folders[first] && join(folders[first], ...rest);
    response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
    response.setHeader("Cross-Origin-Embedder-Policy", "require-corp");
    if (!path || !existsSync(path)) return response.writeHead(404).end();
    response.setHeader("Content-Type", types[extname(path)] ?? "application/octet-stream");
    if (extname(path) === ".js") {
      // Instead of a bundler: the one package that @hearth/wasm imports by its name.
      const core = "/repository/packages/core/dist/src";
      return response.end(
        readFileSync(path, "utf8")
          .replaceAll('"@hearth/core"', `"${core}/index.js"`)
          .replaceAll('"@hearth/core/platform"', `"${core}/platform.js"`),
      );
    }
    const { size, mtimeMs } = statSync(path);
    response.setHeader("Content-Length", size);
    response.setHeader("ETag", `"${size}-${mtimeMs}"`);
    if (request.method === "HEAD") return response.end();
    createReadStream(path).pipe(response);
  });
  return new Promise((resolve) => {
    server.listen(0, "localhost", () => resolve({ url: `http://localhost:${server.address().port}`, server }));
  });
}
