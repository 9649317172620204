// Makes dist/: the service worker, the page's start, and of a page that is one file @hearth/web (with the interpreter of
// workflows or without) and its worker.
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

/** Of the engine's modules only `carried`, at the address that the page's other code gives; no other can be reached. */
const carried_engine = (carried) => ({
  name: "carried-engine",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\/modules\/hearth-[^/]+\.mjs$/, namespace: "file" }, ({ path }) => ({
      path: carried && path.endsWith(`-${carried}.mjs`) ? carried : "none",
      namespace: "engine",
    }));
    // What the loader asks for in Node.js alone.
    onResolve({ filter: /^node:/ }, () => ({ path: "none", namespace: "engine" }));
    onLoad({ filter: /.*/, namespace: "engine" }, ({ path }) => ({
      resolveDir: here("."),
      contents:
        path === "none"
          ? "export default undefined;"
          : `import load from "../wasm/modules/hearth-${path}.mjs";
             export default (options) => load({ ...options, locateFile: () => globalThis.hearth_engine });`,
    }));
  },
});

/** A page's own thread has no engine, and its workers are in it. */
const carried_worker = {
  name: "carried-worker",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\/worker_files\.js$/ }, () => ({ path: here("src/single/worker_files.ts") }));
    onResolve({ filter: /\/worker\/open\.js$/ }, () => ({ path: "open", namespace: "none" }));
    onResolve({ filter: /\/pool\.js$/ }, () => ({ path: "pool", namespace: "none" }));
    onLoad({ filter: /.*/, namespace: "none" }, () => ({
      contents: `const none = () => { throw new Error("a page that is one file runs its model in one worker"); };
                 export { none as open_engine, none as start_pool };`,
    }));
  },
};

const common = {
  outdir: here("dist"),
  bundle: true,
  target: "es2022",
  minify: true,
  legalComments: "none",
  logOverride: { "empty-import-meta": "silent" },
};
for (const name of ["service_worker", "start", "single_web", "single_workflow_web", "single_worker", "seven_bits"]) {
  rmSync(here(`dist/${name}.js`), { force: true });
}
await build({
  ...common,
  entryPoints: { service_worker: here("src/service_worker/service_worker.ts"), start: here("src/start.ts") },
  format: "iife",
});
await build({
  ...common,
  entryPoints: { single_worker: here("src/single/worker.ts") },
  format: "iife",
  plugins: [carried_engine("simd128")],
});
await build({
  ...common,
  entryPoints: { single_web: here("src/single/web.ts"), seven_bits: here("src/seven_bits.ts") },
  format: "esm",
  plugins: [carried_engine(), carried_worker],
});
await build({
  ...common,
  entryPoints: { single_workflow_web: here("src/single/workflow_web.ts") },
  format: "esm",
  plugins: [carried_engine("workflow"), carried_worker],
});
