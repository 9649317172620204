// Makes the package: dist/ with the page's module, the workers' and their types; wasm/ with the engine's builds.
// The modules are self-contained, so that a page can load them from anywhere without a bundler.
import { cpSync, rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const wasm = here("../wasm");

/** The engine's builds stay files of their own, next to dist/. */
const engine_modules = {
  name: "engine-modules",
  setup({ onResolve }) {
    onResolve({ filter: /\/modules\/hearth-[^/]+\.mjs$/ }, ({ path }) => ({
      path: `../wasm/${path.split("/").pop()}`,
      external: true,
    }));
  },
};

rmSync(here("wasm"), { recursive: true, force: true });
cpSync(`${wasm}/modules`, here("wasm"), { recursive: true, dereference: true });
await build({
  entryPoints: {
    index: here("src/index.ts"),
    worker: here("src/worker/worker.ts"),
    shared_worker: here("src/worker/shared_worker.ts"),
    pool_worker: `${wasm}/dist/src/pool_worker.js`,
  },
  outdir: here("dist"),
  bundle: true,
  splitting: true,
  format: "esm",
  target: "es2022",
  minifySyntax: true,
  minifyWhitespace: true,
  legalComments: "none",
  plugins: [engine_modules],
});
